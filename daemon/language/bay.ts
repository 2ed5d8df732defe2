/** Bays, cameras in them, the camera's clock, readiness. */
import type { Text } from './text.js';

export const bayMessages = {
  'bay.step-failed': { en: 'Stopped at: {step}', 'zh-CN': '在“{step:phrase}”步骤中止' },
  'bay.step-lost': {
    en: 'The camera or its volume left at: {step}; what is there now is looked at',
    'zh-CN': '在“{step:phrase}”步骤中设备或其存储卷已断开；将查看现有设备',
  },
  'bay.step-stuck': {
    en: 'The camera was taken while something still waits for it; going on without',
    'zh-CN': '设备已取出，仍有操作在等待它；不再等待',
  },
  'bay.entry-waits': {
    en: 'The ledger cannot take an entry now ({kinds}); it is tried again',
    'zh-CN': '流水暂时无法写入（{kinds}），将重试',
  },
  'bay.entry-lost': { en: 'Could not be entered in the ledger', 'zh-CN': '无法记入流水' },
  'bay.not-seated': { en: 'The camera is not seated', 'zh-CN': '记录设备未放好' },
  'bay.light': { en: 'The light does not show what it should', 'zh-CN': '指示灯无法正常显示' },
  'bay.restless': {
    en: 'The camera does not stay connected; it is looked at again once it does',
    'zh-CN': '记录设备连接反复中断，待其稳定后再处理',
  },
  'bay.left-unseen': {
    en: 'The camera of this bay is in another now: it was taken while nobody could see this one',
    'zh-CN': '此充电位的设备已在另一充电位：其在本位无法查看期间被取走',
  },
  'bay.closed-after-restart': {
    en: 'Camera {camera} left this bay while the dock was not running',
    'zh-CN': '采集站未运行期间，设备 {camera} 已离开此充电位',
  },
  'camera.arrived': { en: 'A camera was put in', 'zh-CN': '放入记录设备' },
  'camera.docked': {
    en: 'Docked: {camera} ({family}), officer {officer}',
    'zh-CN': '已识别设备 {camera}（{family}），使用人员 {officer}',
  },
  'camera.refused': { en: 'Refused: {claimed}', 'zh-CN': '拒绝接收设备 {claimed}' },
  'camera.inspected': {
    en: 'Inspected: battery {battery} %, {minutes} min free, clock {offsetS} s off',
    'zh-CN': '检查完毕：电量 {battery} %，剩余可录 {minutes} 分钟，时钟偏差 {offsetS} 秒',
  },
  'camera.volume-dirty': {
    en: 'The volume was not put away in order: what was recorded last may be missing; it is taken as it is and not repaired',
    'zh-CN': '存储卷未正常卸载：最后录制的内容可能缺失；按原样采集，不作修复',
  },
  'camera.volume-writable': {
    en: 'The volume is mounted writable; nothing is written to it before its recordings are safe',
    'zh-CN': '存储卷以可写方式挂载；在音像记录安全之前不会写入',
  },
  'camera.cleared': {
    en: 'Erased {erased} verified recordings from the camera',
    'zh-CN': '已从设备清除 {erased} 个经校验的音像记录',
  },
  'camera.ready': {
    en: 'Ready: camera {camera}, battery {battery} %',
    'zh-CN': '可领用：设备 {camera}，电量 {battery} %',
  },
  'camera.not-ready': { en: 'Not ready: {reasons}', 'zh-CN': '不可领用：{reasons}' },
  'camera.undocked': {
    en: 'Taken: camera {camera}, {safe} of {of} recordings safe',
    'zh-CN': '已取出设备 {camera}，{of} 个音像记录中 {safe} 个已安全',
  },
  'camera.removed-early': {
    en: 'Removed during the offload: camera {camera}, {safe} of {of} safe; goes on in any bay',
    'zh-CN': '采集中途取出设备 {camera}：{of} 个中 {safe} 个已安全；放回任一充电位即可继续',
  },
  'camera.vital-unreadable': {
    en: 'The camera does not tell its battery, storage or faults',
    'zh-CN': '无法读取设备的电量、存储或故障信息',
  },
  'camera.clock-set': {
    en: 'Clock set: was {beforeS} s off, now {afterS} s (± {uncertaintyS} s)',
    'zh-CN': '已校时：原偏差 {beforeS} 秒，现偏差 {afterS} 秒（± {uncertaintyS} 秒）',
  },
  'camera.clock-not-set': {
    en: "The camera's clock is left alone: the dock's own time is not trusted ({detail})",
    'zh-CN': '未校准设备时钟：采集站自身时间不可信（{detail:phrase}）',
  },
  'camera.clock-failed': { en: "The camera's clock could not be measured or set", 'zh-CN': '无法测量或校准设备时钟' },
  'clock.trusted': { en: 'The dock clock is trusted: {detail}', 'zh-CN': '采集站时间可信：{detail:phrase}' },
  'clock.not-trusted': { en: 'The dock clock is not trusted: {detail}', 'zh-CN': '采集站时间不可信：{detail:phrase}' },
  'clock.discipline-not-noted': {
    en: 'Could not note that the clock was right',
    'zh-CN': '无法记录时钟校准时刻',
  },
} as const satisfies Record<string, Text>;

export const bayErrors = {
  DOCK_BAY_STEP_FAILED: {
    en: 'A step at the bay failed unexpectedly',
    'zh-CN': '充电位上的操作意外失败',
  },
  DOCK_CAMERA_AMBIGUOUS: {
    en: 'The kind of camera cannot be told',
    'zh-CN': '无法判定设备类型',
  },
  DOCK_CAMERA_CHANGED_IDENTITY: {
    en: 'The camera says that it is another one now',
    'zh-CN': '设备标识在停放期间发生变化',
  },
  DOCK_CAMERA_CLOCK_ERRATIC: {
    en: "The camera's clock contradicts itself",
    'zh-CN': '设备时钟读数前后矛盾',
  },
  DOCK_CAMERA_CLOCK_FAILED: {
    en: "The camera's clock could not be read or set",
    'zh-CN': '无法读取或设置设备时钟',
  },
  DOCK_CAMERA_ELSEWHERE: {
    en: 'Nobody can see whether the camera is still in another bay',
    'zh-CN': '无法确认设备是否仍在另一充电位',
  },
  DOCK_CAMERA_NOT_REGISTERED: {
    en: 'The camera is not in the register',
    'zh-CN': '设备未登记',
  },
  DOCK_CAMERA_RESTLESS: {
    en: 'The camera does not stay connected',
    'zh-CN': '记录设备连接反复中断',
  },
  DOCK_CAMERA_TWIN: {
    en: 'Two cameras claim one identity',
    'zh-CN': '两台设备使用同一标识',
  },
  DOCK_CAMERA_UNKNOWN: {
    en: 'No family fits what is in the bay',
    'zh-CN': '充电位中的设备无法识别',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const bayPhrases = {
  '{1} to end': '“{1:any}”步骤正常结束',
  identify: '识别',
  inspect: '检查',
  offload: '采集',
  clear: '清理',
  judge: '判定',
  'Take the camera out and put it back; give the log to a technician if it happens again':
    '请取出设备重新放入；若再次发生，请将日志交给技术人员',
  'a clock that can be read and set': '可读取、可设置的时钟',
  'Take the camera out and put it back; if it happens again check its contacts':
    '请取出设备重新放入；若再次发生，请检查触点',
  'camera {1} in one bay': '设备 {1} 只在一个充电位',
  'it is in bay {1} already, and bay {2} claims it too': '已在充电位 {1}，充电位 {2} 又出现同一标识',
  'bay {1} had it last and has not been seen since': '最后在充电位 {1}，此后未能查看该充电位',
  'See to the cradle of bay {1}; if a camera is in that bay, take it out':
    '请检查充电位 {1} 所在的底座；若该充电位中有设备，请将其取出',
  'Take both out and give one of them an identity of its own': '请取出两台设备，并为其中一台重新设置标识',
  'Take the camera out and put it back': '请取出设备重新放入',
  'a camera of the register': '已登记的设备',
  'Enter the camera in the register (cameras: in the configuration), or take it out':
    '请在设备登记（配置中的 cameras）中登记该设备，或将其取出',
  'a camera of a known family': '已知系列的设备',
  'Check that the camera is switched to disk mode and its plug is clean, or take it out':
    '请检查设备是否处于 U 盘模式、插头是否清洁，或将其取出',
  'one family that fits best': '唯一最符合的设备系列',
  'Take the camera out and report it: its kind cannot be told': '请取出设备并上报：无法判定其类型',
  quarantined: '已停用',
  released: '未停用',
  'no fault': '无故障',
  '{1} min': '{1} 分钟',
  'readings of one steadily running clock': '连续走时的时钟读数',
  'readings that differ by {1} ms': '读数相差 {1} 毫秒',
  'Take the camera out and put it back; if it happens again its clock is defective':
    '请取出设备重新放入；若再次发生，其时钟已损坏',
  'switch to disk mode': '切换到 U 盘模式',
  'a camera that stays connected': '设备保持连接',
  'it came anew {1} times in this stay': '本次停放期间重新连接了 {1} 次',
  'Take the camera out, clean its contacts and plug, and put it back; try another bay':
    '请取出设备，清洁触点和插头后重新放入；或改用其他充电位',
  'the camera back as a volume within {1} s': '设备在 {1} 秒内以存储卷重新出现',
  'nothing at its port': '其端口上没有设备',
  'a device at its port, but no volume': '其端口上有设备，但没有存储卷',
  'Take the camera out and put it back; if it happens again check the camera at a computer':
    '请取出设备重新放入；若再次发生，请用电脑检查设备',
  'the card of camera {1}': '设备 {1} 的存储卡',
  'file names of camera {1}': '设备 {1} 的文件名',
  'Take the camera out and put it back; if it happens again have a technician sort its card':
    '请取出设备重新放入；若再次发生，请由技术人员处理其存储卡',
} as const satisfies Record<string, string>;
