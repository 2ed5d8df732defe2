import type { ErrorText, Text } from './text.js';

export const centralMessages = {
  'centre.connected': {
    en: 'Connected to the centre at {broker}, {waiting} entries to tell',
    'zh-CN': '已连接中心平台 {broker}，待上报流水 {waiting} 条',
  },
  'centre.unreachable': {
    en: 'No connection to the centre; entries wait in the ledger',
    'zh-CN': '未连接中心平台，流水暂存本站待上报',
  },
  'centre.refused': {
    en: 'The centre refuses this dock; entries wait in the ledger',
    'zh-CN': '中心平台拒绝本采集站接入，流水暂存本站待上报',
  },
  'centre.trouble': {
    en: 'Entries cannot be told to the centre for now',
    'zh-CN': '流水暂时无法上报中心平台',
  },
  'centre.forked': {
    en: "The centre's history of this dock differs from the ledger",
    'zh-CN': '中心平台留存的流水与本站流水不一致',
  },
  'centre.nobody-listening': {
    en: 'Nobody at the centre is subscribed to {topic}: what is published there is lost',
    'zh-CN': '中心平台无人订阅 {topic}，上报的流水将无人接收',
  },
  'centre.cursor-not-kept': {
    en: 'How far the centre is told (sequence {seq}) could not be kept; after a restart some entries are told again',
    'zh-CN': '上报进度（序号 {seq}）未能保存，重启后部分流水会重复上报',
  },
  'centre.state-not-told': {
    en: 'The state of the dock could not be told to the centre',
    'zh-CN': '采集站状态未能上报中心平台',
  },
  'centre.state-not-read': {
    en: 'The broker does not let the dock read its own state topics: what was told of bays and cameras that are gone stays there',
    'zh-CN': '消息服务器不允许本站读取自己的状态主题，已撤销的充电位和记录设备的状态将留在服务器上',
  },
  'centre.state-cleared': {
    en: 'State of bays and cameras that this dock has no more was cleared at the broker: {topics}',
    'zh-CN': '已清除消息服务器上本站已撤销的充电位和记录设备的状态，共 {topics} 项',
  },
} as const satisfies Record<string, Text>;

export const centralErrors = {
  DOCK_CENTRE_ADDRESS: {
    en: "The broker's address cannot be found",
    'zh-CN': '无法解析中心平台消息服务器地址',
    todo: { 'zh-CN': '请检查 central.url 中的主机名以及本站的域名服务器设置' },
  },
  DOCK_CENTRE_UNREACHABLE: {
    en: 'The broker cannot be reached',
    'zh-CN': '无法连接中心平台消息服务器',
    todo: { 'zh-CN': '请检查本站网络以及消息服务器是否正在运行；本站会自动重试' },
  },
  DOCK_CENTRE_CLOSED: {
    en: 'The connection to the broker ended',
    'zh-CN': '与中心平台消息服务器的连接中断',
    todo: { 'zh-CN': '如反复出现，请查看消息服务器日志，并排查是否有其他客户端使用了本站标识；本站会自动重连' },
  },
  DOCK_CENTRE_STALLED: {
    en: 'The broker does not answer',
    'zh-CN': '中心平台消息服务器长时间无应答',
    todo: { 'zh-CN': '请检查消息服务器的负载和磁盘，以及本站与其之间的网络设备；本站会自动重连' },
  },
  DOCK_CENTRE_REFUSED: {
    en: 'The broker refuses this dock',
    'zh-CN': '中心平台消息服务器拒绝本采集站',
    todo: { 'zh-CN': '请核对消息服务器为本站设置的用户名、密码、证书和权限' },
  },
  DOCK_CENTRE_PROTOCOL: {
    en: 'The broker speaks another protocol',
    'zh-CN': '与中心平台消息服务器的协议不一致',
    todo: { 'zh-CN': '请检查 central.url 的端口、mqtt:// 或 mqtts:// 前缀，以及 central.protocol 的版本' },
  },
  DOCK_CENTRE_TAKEN_OVER: {
    en: 'Another client uses the identity of this dock',
    'zh-CN': '有其他客户端使用了本采集站的标识',
    todo: { 'zh-CN': '请找出 dock.id 与 bureau 相同的另一台采集站或客户端，并为其另设标识' },
  },
  DOCK_CENTRE_CERT_EXPIRED: {
    en: 'The certificate of the broker is not valid now',
    'zh-CN': '消息服务器证书不在有效期内',
    todo: { 'zh-CN': '请先检查本站时钟是否正确，再更新消息服务器证书' },
  },
  DOCK_CENTRE_CERT_UNKNOWN: {
    en: 'The certificate of the broker is from an unknown authority',
    'zh-CN': '消息服务器证书的签发机构不受信任',
    todo: { 'zh-CN': '请在 central.caFile 中配置签发该证书的机构证书；切勿未经核实即予信任' },
  },
  DOCK_CENTRE_CERT_HOST: {
    en: 'The certificate of the broker is for another host',
    'zh-CN': '消息服务器证书与主机名不符',
    todo: { 'zh-CN': '请将 central.url 的主机名改为证书所签发的主机名' },
  },
  DOCK_CENTRE_CERT_REFUSED: {
    en: 'The broker refuses the certificate of this dock',
    'zh-CN': '消息服务器不接受本采集站的证书',
    todo: { 'zh-CN': '请检查 central.certFile 和 central.keyFile，并确认消息服务器信任其签发机构' },
  },
  DOCK_CENTRE_KEY: {
    en: 'The certificate or key of this dock cannot be used',
    'zh-CN': '本采集站的证书或私钥无法使用',
    todo: { 'zh-CN': '请检查 central.caFile、central.certFile 和 central.keyFile' },
  },
  DOCK_CENTRE_TOO_LARGE: {
    en: 'The broker does not take a message of this size',
    'zh-CN': '消息超过消息服务器允许的大小',
    todo: { 'zh-CN': '请调大消息服务器的最大消息长度；流水暂存本站待上报' },
  },
  DOCK_CENTRE_SILENT: {
    en: 'The centre does not acknowledge',
    'zh-CN': '中心平台未回执',
    todo: { 'zh-CN': '请确认中心平台正在运行，且有权在本站的 ack 主题上发布；期间流水会重复上报' },
  },
  DOCK_CENTRE_BAD_ACK: {
    en: 'An acknowledgement that is none',
    'zh-CN': '收到无法识别的回执',
    todo: { 'zh-CN': '请查明是谁在本站的 ack 主题上发布消息；该消息未被采用' },
  },
  DOCK_CENTRE_FORKED: {
    en: 'The centre has another history than the ledger',
    'zh-CN': '中心平台留存的流水与本站不一致',
    todo: { 'zh-CN': '请保持磁盘原状，将本站流水与中心平台逐条比对；其中一方曾被替换或改写' },
  },
  DOCK_CENTRE_UNREADABLE: {
    en: 'Entries cannot be read for the centre',
    'zh-CN': '无法读取待上报的流水',
    todo: { 'zh-CN': '请检查本站磁盘，并运行 custodock ledger check' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
