import type { Text } from './text.js';

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
  },
  DOCK_CENTRE_UNREACHABLE: {
    en: 'The broker cannot be reached',
    'zh-CN': '无法连接中心平台消息服务器',
  },
  DOCK_CENTRE_CLOSED: {
    en: 'The connection to the broker ended',
    'zh-CN': '与中心平台消息服务器的连接中断',
  },
  DOCK_CENTRE_STALLED: {
    en: 'The broker does not answer',
    'zh-CN': '中心平台消息服务器长时间无应答',
  },
  DOCK_CENTRE_REFUSED: {
    en: 'The broker refuses this dock',
    'zh-CN': '中心平台消息服务器拒绝本采集站',
  },
  DOCK_CENTRE_PROTOCOL: {
    en: 'The broker speaks another protocol',
    'zh-CN': '与中心平台消息服务器的协议不一致',
  },
  DOCK_CENTRE_TAKEN_OVER: {
    en: 'Another client uses the identity of this dock',
    'zh-CN': '有其他客户端使用了本采集站的标识',
  },
  DOCK_CENTRE_CERT_EXPIRED: {
    en: 'The certificate of the broker is not valid now',
    'zh-CN': '消息服务器证书不在有效期内',
  },
  DOCK_CENTRE_CERT_UNKNOWN: {
    en: 'The certificate of the broker is from an unknown authority',
    'zh-CN': '消息服务器证书的签发机构不受信任',
  },
  DOCK_CENTRE_CERT_HOST: {
    en: 'The certificate of the broker is for another host',
    'zh-CN': '消息服务器证书与主机名不符',
  },
  DOCK_CENTRE_CERT_REFUSED: {
    en: 'The broker refuses the certificate of this dock',
    'zh-CN': '消息服务器不接受本采集站的证书',
  },
  DOCK_CENTRE_KEY: {
    en: 'The certificate or key of this dock cannot be used',
    'zh-CN': '本采集站的证书或私钥无法使用',
  },
  DOCK_CENTRE_TOO_LARGE: {
    en: 'The broker does not take a message of this size',
    'zh-CN': '消息超过消息服务器允许的大小',
  },
  DOCK_CENTRE_SILENT: {
    en: 'The centre does not acknowledge',
    'zh-CN': '中心平台未回执',
  },
  DOCK_CENTRE_BAD_ACK: {
    en: 'An acknowledgement that is none',
    'zh-CN': '收到无法识别的回执',
  },
  DOCK_CENTRE_FORKED: {
    en: 'The centre has another history than the ledger',
    'zh-CN': '中心平台留存的流水与本站不一致',
  },
  DOCK_CENTRE_UNREADABLE: {
    en: 'Entries cannot be read for the centre',
    'zh-CN': '无法读取待上报的流水',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const centralPhrases = {
  'an address for the broker {1}': '消息服务器 {1} 的网络地址',
  'Check the host name in central.url and the name servers of the dock':
    '请检查 central.url 中的主机名以及本站的域名服务器设置',
  'a certificate of {1} that is valid now': '{1} 的证书在有效期内',
  'Check the clock of the dock first, then renew the certificate of the broker':
    '请先检查本站时钟是否正确，再更新消息服务器证书',
  'a certificate that names the host of {1}': '证书与 {1} 的主机名相符',
  'Write in central.url the host name that the certificate of the broker was issued for':
    '请将 central.url 的主机名改为证书所签发的主机名',
  'a certificate of {1} from an authority that central.caFile names': '{1} 的证书由 central.caFile 所列机构签发',
  'Give the certificate of the authority that issued the certificate of the broker in central.caFile; do not trust it unseen':
    '请在 central.caFile 中配置签发该证书的机构证书；切勿未经核实即予信任',
  '{1} to accept the certificate of this dock': '{1} 接受本采集站的证书',
  'Check central.certFile and central.keyFile, and that the broker trusts their authority':
    '请检查 central.certFile 和 central.keyFile，并确认消息服务器信任其签发机构',
  'TLS at {1}': '{1} 使用 TLS',
  'Check the port and mqtt:// or mqtts:// in central.url': '请检查 central.url 的端口以及 mqtt:// 或 mqtts:// 前缀',
  'a connection to {1}': '与 {1} 建立连接',
  'Check the network of the dock and that the broker is running; the dock keeps trying':
    '请检查本站网络以及消息服务器是否正在运行；本站会自动重试',
  'refused (reason {1})': '被拒绝（原因码 {1}）',
  '{1} (reason {2})': '{1:any}（原因码 {2}）',
  '{1} to speak this version of MQTT': '{1} 支持此 MQTT 版本',
  'Set central.protocol to the version that the broker speaks: 4 for MQTT 3.1.1, 5 for MQTT 5':
    '请将 central.protocol 设为消息服务器支持的版本：MQTT 3.1.1 填 4，MQTT 5 填 5',
  'to be the only client of {1} with the id of this dock': '{1} 上仅有一个客户端使用本站标识',
  'Find the other client or dock that uses the same dock.id and bureau and give it its own':
    '请找出 dock.id 与 bureau 相同的另一台采集站或客户端，并为其另设标识',
  '{1} by {2}': '{2} {1:phrase}',
  'Nothing to do unless it lasts: the broker says that it is busy or away; the dock keeps trying':
    '如不持续则无需处理：消息服务器表示繁忙或暂停服务；本站会自动重试',
  'Check the user name, password, certificate and permissions that the broker has for this dock':
    '请核对消息服务器为本站设置的用户名、口令、证书和权限',
  '{1} to take messages of this size': '{1} 接收此大小的消息',
  'Raise the largest message size of the broker; events wait in the ledger meanwhile':
    '请调大消息服务器的最大消息长度；流水暂存本站待上报',
  '{1} from {2}': '{2} {1:phrase}',
  'Check the load and the disk of the broker, and what stands between it and the dock; the dock connects anew':
    '请检查消息服务器的负载和磁盘，以及本站与其之间的网络设备；本站会自动重连',
  'the connection to {1} to last': '与 {1} 的连接保持不断',
  'Check the log of the broker if it happens again, also for another client with the id of this dock; the dock connects anew':
    '如反复出现，请查看消息服务器日志，并排查是否有其他客户端使用了本站标识；本站会自动重连',
  'a certificate authority, certificate and private key in PEM that belong together':
    '相互匹配的 PEM 格式签发机构证书、证书和私钥',
  'Check central.caFile, central.certFile and central.keyFile':
    '请检查 central.caFile、central.certFile 和 central.keyFile',
  'the goodbye': '完成断开',
  'not done within {1} ms': '{1} 毫秒内未完成',
  'the dock is stopping': '采集站正在停止',
  'given up by the dock': '本站已放弃',
  'the connection to be kept': '保持连接',
  'disconnected by the broker': '被消息服务器断开',
  'the dock to be let in': '允许本站接入',
  'the subscription of the dock': '接受本站的订阅',
  '{1} bytes at most, message of {2} bytes': '上限 {1} 字节，消息为 {2} 字节',
  'a message on {1} to be accepted': '接收 {1} 上的消息',
  'closed by the dock': '由本站关闭',
  'entry {1} in the ledger': '流水第 {1} 条',
  'no entry': '没有该条流水',
  'entry {1}': '第 {1} 条',
  'Run custodock ledger check': '请运行 custodock ledger check',
  'the ledger to be readable': '流水可读取',
  'Check the disk of the dock and run custodock ledger check': '请检查本站磁盘，并运行 custodock ledger check',
  'an acknowledgement {epoch, sequence, leaf} as in the published contract':
    '符合公开接口的回执 {epoch, sequence, leaf}',
  'Find out who publishes on the ack topic of this dock; nothing was taken from it':
    '请查明是谁在本站的 ack 主题上发布消息；该消息未被采用',
  'Keep the disk as it is and compare the ledger with what the centre has; one of them was replaced or rewritten':
    '请保持磁盘原状，将本站流水与中心平台逐条比对；其中一方曾被替换或改写',
  'the acknowledgement of the centre for sequence {1} within {2} ms': '中心平台在 {2} 毫秒内对序号 {1} 的回执',
  'Check that the centre is running and may publish on the ack topic of this dock; events are sent again meanwhile':
    '请确认中心平台正在运行，且有权在本站的 ack 主题上发布；期间流水会重复上报',
  'epoch {1} sequence {2} leaf {3}': '第 {1} 期，序号 {2}，校验值 {3}',
  'nothing beyond epoch {1} sequence {2}, the head of the ledger': '不超过流水末条（第 {1} 期，序号 {2}）',
  'leaf {1} at sequence {2}': '序号 {2} 的校验值为 {1:any}',
  'no CONNACK': '未收到 CONNACK',
  'a PUBACK within {1} ms': '{1} 毫秒内回复 PUBACK',
  'none for {1} messages': '{1} 条消息均未回复',
} as const satisfies Record<string, string>;
