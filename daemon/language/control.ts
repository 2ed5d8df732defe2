/** Cameras that have to be talked to at their control interface and switched to disk mode. */
import type { Text } from './text.js';

export const controlMessages = {
  'camera.disk-mode': {
    en: 'Switched to disk mode; waiting for its volume',
    'zh-CN': '已切换到 U 盘模式，等待存储卷出现',
  },
  'camera.disk-mode-refused': {
    en: 'Will not switch to disk mode yet; it is asked again',
    'zh-CN': '暂不切换到 U 盘模式，将重试',
  },
  'camera.clock-set-blindly': {
    en: 'Clock set; this camera cannot show its time, so nothing was measured',
    'zh-CN': '已校时；该设备无法读出时间，未作测量',
  },
  'camera.resumed-as-disk': {
    en: 'In disk mode since before the dock started; known again by its volume',
    'zh-CN': '采集站启动前已处于 U 盘模式，凭存储卷重新识别',
  },
} as const satisfies Record<string, Text>;

export const controlErrors = {
  DOCK_CAMERA_ANSWER_INVALID: {
    en: 'The camera answers in a way that makes no sense',
    'zh-CN': '设备的应答无法解读',
  },
  DOCK_CAMERA_BLOCK_INVALID: {
    en: "The camera's information block is not of the standard",
    'zh-CN': '设备信息块不符合标准',
  },
  DOCK_CAMERA_CLOCK_LATE: {
    en: 'The camera was not ready in time for its clock to be set',
    'zh-CN': '设备未能及时就绪，未校时',
  },
  DOCK_CAMERA_COMMAND_REFUSED: {
    en: 'The camera did not carry out a command',
    'zh-CN': '设备未执行命令',
  },
  DOCK_CAMERA_CONTROL_GONE: {
    en: 'The control interface of the camera is gone',
    'zh-CN': '设备的控制接口已不存在',
  },
  DOCK_CAMERA_DISK_MODE_REFUSED: {
    en: 'The camera will not switch to disk mode',
    'zh-CN': '设备拒绝切换到 U 盘模式',
  },
  DOCK_CAMERA_NO_CARD: {
    en: 'The camera has no card',
    'zh-CN': '设备内没有存储卡',
  },
  DOCK_CAMERA_NOT_A_DISK: {
    en: 'Recordings were asked for before the camera was in disk mode',
    'zh-CN': '设备尚未进入 U 盘模式，无法列出音像记录',
  },
  DOCK_CAMERA_NOT_BACK: {
    en: 'The camera did not come back in disk mode',
    'zh-CN': '设备切换到 U 盘模式后未再出现',
  },
  DOCK_CAMERA_NOT_THE_SAME: {
    en: 'What came back in disk mode is the card of another camera',
    'zh-CN': '切换到 U 盘模式后出现的是另一台设备的存储卡',
  },
  DOCK_CAMERA_OUT_OF_STEP: {
    en: 'The camera has lost its place in the conversation',
    'zh-CN': '与设备的通信失去同步',
  },
  DOCK_CAMERA_PASSWORD: {
    en: 'The camera does not take any known password',
    'zh-CN': '设备不接受任何已知密码',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const controlPhrases = {
  'its identity': '设备标识',
  'none of {1} known passwords': '已知的 {1} 个密码均不被接受',
  'the camera to switch to disk mode': '设备切换到 U 盘模式',
  'it refused': '设备拒绝',
  'to be let in': '设备允许登录',
  '{1} to be carried out': '执行 {1}',
  'ERROR to {1}': '对 {1} 应答 ERROR',
  'an answer such as {1}': '形如 {1} 的应答',
  'a payload of {1} as long as it says': '{1} 应答的内容长度与其声明一致',
  '{1} characters, no length announced': '{1} 个字符，未声明长度',
  '{1} characters, {2} announced': '{1} 个字符，声明为 {2} 个',
  'Put the camera in again; if it stays so, it is not of the kind that it says it is':
    '请取出设备重新放入；若仍如此，则设备并非其自称的类型',
  'an answer to {1}': '对 {1} 的应答',
  '{1} answers to something else': '{1} 个对其他命令的应答',
  'no valid status': '状态无效',
  'the camera to come back into step': '与设备的通信恢复同步',
  '{1}, and then: {2}': '{1}，其后：{2:any}',
  'the camera to carry out a command': '设备执行命令',
  'command, data and status in step': '命令、数据与状态同步',
  'a card in the camera': '设备内有存储卡',
  '{1} bytes with 0–100 %': '{1} 字节，取值 0–100 %',
  'a status of {1} bytes': '{1} 字节的状态',
  'the camera to take the time at most {1} ms after the second began': '设备最迟在整秒后 {1} 毫秒内接受校时',
  'Wait: it is tried again': '请稍候：将重试',
  'no {1} device': '不是 {1} 设备',
  '{1}, in disk mode already': '{1}，已处于 U 盘模式',
  'the control interface of {1}': '{1} 的控制接口',
  'a camera in disk mode': '设备处于 U 盘模式',
  'its control interface': '设备的控制接口',
  'Report this as a defect of Custodock; the recordings are still on the camera':
    '请作为 Custodock 的缺陷上报；音像记录仍在设备上',
  'the control interface of a camera of the family {1}': '{1} 系列设备的控制接口',
  'an information block of one of {1} bytes': '长度为 {1} 字节之一的设备信息块',
  'Put the camera in again; if it stays so, have its maker’s tool write its information anew':
    '请取出设备重新放入；若仍如此，请用厂商工具重新写入设备信息',
  'not connected': '未连接',
  'wrong password': '密码错误',
  'time not set': '未校时',
  'not switched to disk mode': '未切换到 U 盘模式',
  'result {1}, which is none': '结果码 {1}，无此定义',
  'result {1}: {2}': '结果码 {1}：{2:any}',
  'Set the camera’s password back to its maker’s default with the maker’s tool': '请用厂商工具将设备密码恢复为默认值',
  'Wait until the camera has closed its last recording; if it stays so, put it in again':
    '请等待设备保存完最后一段音像记录；若仍如此，请取出设备重新放入',
} as const satisfies Record<string, string>;
