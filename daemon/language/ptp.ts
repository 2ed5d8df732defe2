/** Cameras that are spoken to over PTP or MTP, and recordings that come over a protocol. */
import type { Text } from './text.js';

export const ptpMessages = {
  'camera.interrupted.cancel': {
    en: 'The conversation was interrupted; it was cancelled and goes on after {ms} ms',
    'zh-CN': '与设备的通信中断；取消后已在 {ms} 毫秒内恢复',
  },
  'camera.interrupted.class-reset': {
    en: 'The conversation was interrupted; the camera was reset and answers again after {ms} ms',
    'zh-CN': '与设备的通信中断；复位设备接口后已在 {ms} 毫秒内恢复',
  },
  'camera.interrupted.port-reset': {
    en: 'The conversation was interrupted; its port was reset and the camera answers again after {ms} ms',
    'zh-CN': '与设备的通信中断；复位 USB 端口后已在 {ms} 毫秒内恢复',
  },
  'camera.interrupted.reopened': {
    en: 'The conversation was interrupted; the camera came back at its port and answers again after {ms} ms',
    'zh-CN': '与设备的通信中断；设备在原端口重新出现，已在 {ms} 毫秒内恢复',
  },
} as const satisfies Record<string, Text>;

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

export const ptpPhrases = {
  'a battery level of 0 to 100': '电量为 0 至 100',
  'a battery level of at most 32 bits': '电量数值至多 32 位',
  'the battery level of the camera': '设备的电量',
  'response {1}': '应答码 {1}',
  'Nothing needs to be done: this camera does not tell it': '无需处理：该设备不提供此信息',
  'a clock that can be set': '可设置的时钟',
  'one that can only be read': '只能读取的时钟',
  'the camera to take a time': '设备接受校时',
  '{1} s off when it was read back': '回读时相差 {1} 秒',
  'the time that was set': '所设的时间',
  'the time of the camera': '设备的时间',
  '{1} ms after it': '迟了 {1} 毫秒',
  'to set the clock at the edge of a second': '在整秒时刻校时',
  'Take the camera out and put it back; if it happens again, set its clock by hand':
    '请取出设备重新放入；若再次发生，请手动校准其时钟',
  'length {1}, type {2}, code {3}': '长度 {1}，类型 {2}，代码 {3}',
  'a container of type 1 to 4': '类型为 1 至 4 的容器',
  'a container of at least 12 bytes': '至少 12 字节的容器',
  'a container with up to five parameters': '至多五个参数的容器',
  'a container': '容器',
  'a payload': '容器内容',
  'empty packets': '空数据包',
  'a data type, not {1}': '有效的数据类型，而非 {1}',
  'room for {1} elements of {2} bytes': '可容纳 {1} 个各 {2} 字节的元素',
  'room for {1} properties': '可容纳 {1} 个属性',
  '{1} bytes more': '还有 {1} 字节',
  '{1} in {2}': '{2} 中{1:phrase}',
  '{1} bytes from {2} on of {3}': '共 {3} 字节，自第 {2} 字节起仅 {1} 字节',
  'a capacity': '容量',
  'a size': '大小',
  '{1} of 0 to 2^53 − 1 bytes': '{1:phrase}为 0 至 2^53 − 1 字节',
  'text of at most 254 UTF-16 units': '至多 254 个 UTF-16 单元的文本',
  'the end of the session': '会话结束',
  'the camera to do {1}': '设备完成：{1:phrase}',
  'open a session': '打开会话',
  'tell about itself ({1})': '提供自身信息（{1}）',
  'list its storages': '列出其存储',
  'describe its storage': '说明其存储',
  'list a folder': '列出文件夹',
  'describe an object': '说明对象',
  'send an object': '发送对象',
  'no USB device': '没有 USB 设备',
  'no PTP interface': '没有 PTP 接口',
  'a still-image interface (6/1/1)': '静态图像接口（6/1/1）',
  'a vendor interface that calls itself MTP': '自称 MTP 的厂商接口',
  'a serial number in DeviceInfo': 'DeviceInfo 中的序列号',
  'Have the maker’s tool give the camera a serial number, and put it in again':
    '请用厂商工具为设备设置序列号，然后重新放入',
  'no such object on the camera': '设备上没有该对象',
  'no such object any more': '该对象已不存在',
  'another object under its handle': '其句柄已指向另一对象',
  'an object of {1} bytes, modified at {2} ms': '对象大小为 {1} 字节，修改时间为 {2} 毫秒',
  'the object on another storage': '对象位于另一存储',
  'the object in another folder': '对象位于另一文件夹',
  'the object deeper in folders': '对象位于更深的文件夹',
  'one object': '单个对象',
  'a folder, or everything': '文件夹或全部内容',
  'a storage that can be written to': '可写入的存储',
  'it is still there': '仍然存在',
  'the session to last': '会话持续有效',
  'a new one after the camera was reset': '设备复位后的新会话',
  'a transaction that comes to its end': '事务正常结束',
  'the camera to stay and to answer': '设备保持连接并应答',
  'Put the camera in again; if it stays so, report its maker, model and firmware':
    '请取出设备重新放入；若仍如此，请上报其厂商、型号和固件版本',
  '{1} {2} of transaction {3}': '事务 {3} 的 {1} {2}',
  'an answer to transaction {1}': '对事务 {1} 的应答',
  'a response to {1}': '对 {1} 的响应',
  '{1} containers that are none': '{1} 个不相干的容器',
  'a container of {1} bytes for {2}': '{2} 的容器为 {1} 字节',
  '{1} bytes and no end': '已 {1} 字节仍未结束',
  'the end of {1} within {2} ms': '{1} 在 {2} 毫秒内结束',
  'a camera that shows its storage': '设备显示其存储',
  'Check that it has a card in it; unlock it and allow file transfer where it asks for that':
    '请检查设备内是否有存储卡；如需要，请解锁设备并允许文件传输',
  'the storages that the listing began with': '与开始列出时相同的存储',
  others: '其他存储',
  'at most {1} questions waiting for one camera': '等待同一设备应答的请求至多 {1} 个',
  'Report this with the log; the recordings stay on the camera': '请将此情况连同日志上报；音像记录仍在设备上',
} as const satisfies Record<string, string>;
