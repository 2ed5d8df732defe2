/** Cameras that are spoken to over PTP or MTP, and recordings that come over a protocol. */
import type { Text } from './text.js';


export const ptpErrors = {
  DOCK_PTP_CLOCK_LATE: {
    en: 'The clock could not be set at the edge of a second',
    'zh-CN': '未能在整秒时刻校时',
  },
  DOCK_PTP_CLOCK_NOT_SET: {
    en: 'The camera took a time and shows another',
    'zh-CN': '设备接受了校时，但显示的时间不符',
  },
  DOCK_PTP_CLOCK_READ_ONLY: {
    en: 'The clock of this camera can only be read',
    'zh-CN': '此设备的时钟只能读取',
  },
  DOCK_PTP_CLOCK_REFUSED: {
    en: 'The camera refuses to be set',
    'zh-CN': '设备拒绝校时',
  },
  DOCK_PTP_CLOCK_UNREADABLE: {
    en: 'What the camera tells of its time is none',
    'zh-CN': '设备给出的时间无法识别',
  },
  DOCK_PTP_INTERRUPTED: {
    en: 'The camera does not come to the end of an answer',
    'zh-CN': '设备的应答反复中断',
  },
  DOCK_PTP_MALFORMED: {
    en: 'The camera sent something that has not the form it must have',
    'zh-CN': '设备发送的数据格式不正确',
  },
  DOCK_PTP_NO_ANSWER: { en: 'The camera does not answer', 'zh-CN': '设备没有应答' },
  DOCK_PTP_NO_STORAGE: {
    en: 'The camera shows no storage',
    'zh-CN': '设备未显示存储',
  },
  DOCK_PTP_OUT_OF_TURN: {
    en: 'The camera answered something else than was asked',
    'zh-CN': '设备的应答与请求不符',
  },
  DOCK_PTP_QUEUE_FULL: {
    en: 'Too many questions wait for one camera',
    'zh-CN': '等待同一设备应答的请求过多',
  },
  DOCK_PTP_REFUSED: { en: 'The camera refuses what it was asked', 'zh-CN': '设备拒绝了请求' },
  DOCK_PTP_RENEWED: {
    en: 'The camera was reset, and everything on it has to be listed again',
    'zh-CN': '设备已复位，需要重新列出其内容',
  },
  DOCK_PTP_TOO_MUCH: {
    en: 'The camera sends more than it was asked for',
    'zh-CN': '设备发送的数据超出请求',
  },
  DOCK_RECORDING_BAD_PLACE: {
    en: 'A part of the recording cannot be read',
    'zh-CN': '音像记录的一部分无法读取',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;
