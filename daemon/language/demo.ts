/** What the demo says. */
import type { Text } from './text.js';

export const demoMessages = {
  'demo.cradle': {
    en: 'Cradle of {bays} bays on {serial} (simulated, Modbus RTU over a real serial port)',
    'zh-CN': '底座（{bays} 个充电位）接于 {serial}（模拟设备，经真实串口使用 Modbus RTU）',
  },
  'demo.broker': {
    en: "Broker {url}; watch along: mosquitto_sub -h {host} -p {port} -t 'custodock/v1/#' -v",
    'zh-CN': "消息服务器 {url}；可同时观察：mosquitto_sub -h {host} -p {port} -t 'custodock/v1/#' -v",
  },
  'demo.folder': { en: 'Everything of this run is in {folder}', 'zh-CN': '本次演示的全部数据位于 {folder}' },
  'demo.preparing': { en: 'Filling the cards of {cameras} cameras …', 'zh-CN': '正在准备 {cameras} 台设备的存储卡……' },
  'demo.summary': { en: 'What became of the cameras', 'zh-CN': '各设备结果' },
  'demo.camera.ready': {
    en: '{camera}  ready in bay {bay}: {recordings} recordings safe, {size}; clock was {before} off, now {after}',
    'zh-CN': '{camera}  充电位 {bay} 可领用：{recordings} 个音像记录已安全（{size}）；时钟原偏差 {before}，现 {after}',
  },
  'demo.camera.refused': {
    en: '{camera}  refused in bay {bay}: {why}',
    'zh-CN': '{camera}  充电位 {bay} 拒绝接收：{why}',
  },
  'demo.camera.other': {
    en: '{camera}  is {state} in bay {bay}: {why}',
    'zh-CN': '{camera}  充电位 {bay} 状态为 {state}：{why}',
  },
  'demo.kept-damaged': {
    en: '           kept and labelled {label}: {path}',
    'zh-CN': '           保留并标注为 {label}：{path}',
  },
  'demo.resumed': {
    en: '           went on after the pull-out with {size} that were there already: {path}',
    'zh-CN': '           取出后续传，已有 {size} 无需重读：{path}',
  },
  'demo.proof': { en: 'Proof, computed apart from the dock', 'zh-CN': '独立核验' },
  'demo.proof.copies': {
    en: '{mark} {equal} of {files} files have an equal SHA-256 on the card and in the archive',
    'zh-CN': '{mark} {files} 个文件中 {equal} 个在存储卡与档案库中的 SHA-256 一致',
  },
  'demo.proof.cards': { en: '{mark} the cards are byte for byte as they were', 'zh-CN': '{mark} 存储卡内容逐字节未变' },
  'demo.proof.events': {
    en: '{mark} the subscriber got all {events} entries, in order',
    'zh-CN': '{mark} 订阅方按序收到全部 {events} 条流水',
  },
  'demo.proof.ledger': {
    en: '{mark} ledger: {entries} entries, chain checked, head {leaf}',
    'zh-CN': '{mark} 流水共 {entries} 条，链式校验通过，末条 {leaf}',
  },
  'demo.where': { en: 'Footage:  {archive}', 'zh-CN': '音像记录：  {archive}' },
  'demo.look': { en: 'Look at it:', 'zh-CN': '查看：' },
  'demo.running': {
    en: 'The dock goes on until Ctrl-C; in another terminal:',
    'zh-CN': '采集站继续运行，按 Ctrl-C 结束；可在另一终端执行：',
  },
  'demo.late': { en: 'Not everything came to its end in time', 'zh-CN': '部分设备未能按时完成' },
  'demo.passed': { en: 'All as it should be.', 'zh-CN': '一切正常。' },
  'demo.failed': { en: 'Something is not as it should be.', 'zh-CN': '存在异常。' },
} as const satisfies Record<string, Text>;

export const demoErrors = {
  DOCK_DEMO_MEDIA: {
    en: 'The folder given to the demo cannot be used',
    'zh-CN': '演示指定的文件夹不可用',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const demoPhrases = {
  'a folder or mounted card after --media': '--media 之后为文件夹或已挂载的存储卡',
  '{1}: no folder': '{1}：不是文件夹',
  'Name a folder that exists and can be read': '请指定存在且可读的文件夹',
} as const satisfies Record<string, string>;
