/** Cameras that are spoken to over PTP or MTP, and recordings that come over a protocol. */
import type { ErrorText } from './text.js';

const again = '取出设备重新放入；若仍如此，报告其厂商、型号和固件版本';
const clock = '取出设备重新放入；若再次发生，手动校准其时钟';

export const ptpErrors = {
  DOCK_PTP_CLOCK_LATE: {
    en: 'The clock could not be set at the edge of a second',
    'zh-CN': '未能在整秒时刻校时',
    todo: { 'zh-CN': clock },
  },
  DOCK_PTP_CLOCK_NOT_SET: {
    en: 'The camera took a time and shows another',
    'zh-CN': '设备接受了校时，但显示的时间不符',
    todo: { 'zh-CN': clock },
  },
  DOCK_PTP_CLOCK_READ_ONLY: {
    en: 'The clock of this camera can only be read',
    'zh-CN': '此设备的时钟只能读取',
    todo: { 'zh-CN': clock },
  },
  DOCK_PTP_CLOCK_REFUSED: {
    en: 'The camera refuses to be set',
    'zh-CN': '设备拒绝校时',
    todo: { 'zh-CN': clock },
  },
  DOCK_PTP_CLOCK_UNREADABLE: {
    en: 'What the camera tells of its time is none',
    'zh-CN': '设备给出的时间无法识别',
    todo: { 'zh-CN': clock },
  },
  DOCK_PTP_INTERRUPTED: {
    en: 'The camera does not come to the end of an answer',
    'zh-CN': '设备的应答反复中断',
    todo: { 'zh-CN': again },
  },
  DOCK_PTP_MALFORMED: {
    en: 'The camera sent something that has not the form it must have',
    'zh-CN': '设备发送的数据格式不正确',
    todo: { 'zh-CN': again },
  },
  DOCK_PTP_NO_ANSWER: { en: 'The camera does not answer', 'zh-CN': '设备没有应答', todo: { 'zh-CN': again } },
  DOCK_PTP_NO_STORAGE: {
    en: 'The camera shows no storage',
    'zh-CN': '设备未显示存储',
    todo: { 'zh-CN': '检查设备内是否有存储卡；如需要，解锁设备并允许文件传输' },
  },
  DOCK_PTP_OUT_OF_TURN: {
    en: 'The camera answered something else than was asked',
    'zh-CN': '设备的应答与请求不符',
    todo: { 'zh-CN': again },
  },
  DOCK_PTP_QUEUE_FULL: {
    en: 'Too many questions wait for one camera',
    'zh-CN': '等待同一设备应答的请求过多',
    todo: { 'zh-CN': '将此情况连同日志上报；音像记录仍在设备上' },
  },
  DOCK_PTP_REFUSED: { en: 'The camera refuses what it was asked', 'zh-CN': '设备拒绝了请求', todo: { 'zh-CN': again } },
  DOCK_PTP_RENEWED: {
    en: 'The camera was reset, and everything on it has to be listed again',
    'zh-CN': '设备已复位，需要重新列出其内容',
    todo: { 'zh-CN': again },
  },
  DOCK_PTP_TOO_MUCH: {
    en: 'The camera sends more than it was asked for',
    'zh-CN': '设备发送的数据超出请求',
    todo: { 'zh-CN': again },
  },
  DOCK_USB_GONE: { en: 'The USB device has gone', 'zh-CN': 'USB 设备已断开', todo: { 'zh-CN': '取出设备重新放入' } },
  DOCK_USB_STALL: {
    en: 'The USB device halted a transfer',
    'zh-CN': 'USB 设备中止了传输',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_USB_TIMEOUT: {
    en: 'The USB device did not answer in time',
    'zh-CN': 'USB 设备未及时响应',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_RECORDING_BAD_PLACE: {
    en: 'A part of the recording cannot be read',
    'zh-CN': '音像记录的一部分无法读取',
    todo: { 'zh-CN': '取出设备重新放入；若仍如此，保留设备，由专业人员读取' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
