/** Cameras that have to be talked to at their control interface and switched to disk mode. */
import type { ErrorText, Text } from './text.js';

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
    todo: { 'zh-CN': '取出设备重新放入；若仍如此，则设备并非其自称的类型' },
  },
  DOCK_CAMERA_BLOCK_INVALID: {
    en: "The camera's information block is not of the standard",
    'zh-CN': '设备信息块不符合标准',
    todo: { 'zh-CN': '取出设备重新放入；若仍如此，用厂商工具重新写入设备信息' },
  },
  DOCK_CAMERA_CLOCK_LATE: {
    en: 'The camera was not ready in time for its clock to be set',
    'zh-CN': '设备未能及时就绪，未校时',
    todo: { 'zh-CN': '请稍候：将重试' },
  },
  DOCK_CAMERA_COMMAND_REFUSED: {
    en: 'The camera did not carry out a command',
    'zh-CN': '设备未执行命令',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_CAMERA_CONTROL_GONE: {
    en: 'The control interface of the camera is gone',
    'zh-CN': '设备的控制接口已不存在',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_CAMERA_DISK_MODE_REFUSED: {
    en: 'The camera will not switch to disk mode',
    'zh-CN': '设备拒绝切换到 U 盘模式',
    todo: { 'zh-CN': '等待设备保存完最后一段音像记录；若仍如此，取出设备重新放入' },
  },
  DOCK_CAMERA_NO_CARD: {
    en: 'The camera has no card',
    'zh-CN': '设备内没有存储卡',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_CAMERA_NOT_A_DISK: {
    en: 'Recordings were asked for before the camera was in disk mode',
    'zh-CN': '设备尚未进入 U 盘模式，无法列出音像记录',
    todo: { 'zh-CN': '请作为 Custodock 的缺陷上报；音像记录仍在设备上' },
  },
  DOCK_CAMERA_NOT_BACK: {
    en: 'The camera did not come back in disk mode',
    'zh-CN': '设备切换到 U 盘模式后未再出现',
    todo: { 'zh-CN': '取出设备重新放入；若再次发生，用电脑检查设备' },
  },
  DOCK_CAMERA_NOT_THE_SAME: {
    en: 'What came back in disk mode is the card of another camera',
    'zh-CN': '切换到 U 盘模式后出现的是另一台设备的存储卡',
    todo: { 'zh-CN': '取出设备重新放入；若再次发生，由技术人员处理其存储卡' },
  },
  DOCK_CAMERA_OUT_OF_STEP: {
    en: 'The camera has lost its place in the conversation',
    'zh-CN': '与设备的通信失去同步',
    todo: { 'zh-CN': '取出设备重新放入' },
  },
  DOCK_CAMERA_PASSWORD: {
    en: 'The camera does not take any known password',
    'zh-CN': '设备不接受任何已知密码',
    todo: { 'zh-CN': '用厂商工具将设备密码恢复为默认值' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
