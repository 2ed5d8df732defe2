/** What the options of the configuration mean, as an error shows it beside the value that was expected. */

export const optionPhrases = {
  'serial port by a stable link: /dev/serial/by-path/…, never ttyUSB0':
    '串口的固定链接：/dev/serial/by-path/…，不可用 ttyUSB0',
  'baud; 115200 is needed for presence within 300 ms with 16 bays':
    '波特率；16 个充电位须用 115200 才能在 300 毫秒内发现放入和取出',
  'Modbus TCP: host:port': 'Modbus TCP，格式为 host:port',
  'place in the cradle unit, 1–16': '底座单元中的槽位，1–16',
  'this bay goes ahead of the others': '该充电位优先于其他充电位',
  'first half of the names of its bays: 1 gives bays 1-1, 1-2, …': '充电位名称的前半部分：填 1 则充电位为 1-1、1-2……',
  'units with the same serial port or TCP address share one line': '串口或 TCP 地址相同的单元共用一条线路',
  'its places that are in use, at most 16': '已使用的充电位，至多 16 个',
  'what the camera says it is: serial from the side channel or its own protocol, device number of its file names, or volume UUID':
    '设备自报的标识：数据通道或设备自身协议中的序列号、文件名中的设备编号或存储卷 UUID',
  'kind of device as in M2': '设备类别，按管理制度对设备的分类',
  'number of the officer it is assigned to, in quotes; absent: pooled': '配发人员的编号，须加引号；不填则为公用',
  'how fast it fills its storage, bytes/min; default readiness.bytesPerMinute':
    '录制占用存储的速度，字节/分钟；默认取 readiness.bytesPerMinute',
  'out of use; never ready': '停用，始终不可领用',
  'version of this file format; older files are migrated on start': '配置文件格式的版本；旧版文件在启动时迁移',
  'name of this dock, unique in the bureau': '采集站名称，局内唯一',
  'name of the bureau on MQTT topics': 'MQTT 主题中的局名称',
  'language of log, console and status': '日志、控制台和状态显示的语言',
  'IANA zone that the cameras keep local time in': '设备本地时间所用的 IANA 时区',
  'ledger and state': '流水与状态目录',
  'console socket': '控制台套接字目录',
  "cameras' volumes appear here as <root>/<port>": '设备存储卷的挂载目录，各卷为 <root>/<端口>',
  'a directory that is no mount point is no volume; off only for simulated media':
    '不是挂载点的目录不视为存储卷；仅模拟介质时关闭',
  'ms between looks even when nothing was notified, 100–60000': '没有变化通知时的扫描间隔，毫秒，100–60000',
  'ms that a docked camera may take to show identity or volume, 0–60000':
    '设备放入后给出标识或存储卷的时限，毫秒，0–60000',
  'most files taken from one card, 1–1000000': '单张存储卡采集的文件数上限，1–1000000',
  'cradle units of this dock, at most 64': '本采集站的底座单元，至多 64 个',
  'register of cameras; any other is refused': '设备登记；未登记的设备拒绝接收',
  'least charge, percent, 0–100': '最低电量，百分比，0–100',
  'least recording time left, minutes, 0–10080': '最短剩余可录时长，分钟，0–10080',
  'largest clock error, ms, 10–3600000 (GA/T 947: 3 s a day)': '时钟最大偏差，毫秒，10–3600000（GA/T 947：每日 3 秒）',
  'bytes per minute of recording (2.6 GB/h at 1080p)': '每分钟录制占用的字节数（1080p 约每小时 2.6 GB）',
  'what may vouch for the dock clock, first that can; operator: somebody answers for it':
    '采集站时间的可信依据，依次取第一个可用的；operator 表示由人员负责',
  'larger estimated error of the dock clock is not trusted, ms, 1–60000':
    '采集站时间的估计误差超过此值即不可信，毫秒，1–60000',
  'how far the RTC drifts, parts per million, 1–1000 (DS3231: 5; a bare crystal: 50)':
    'RTC 的漂移，百万分之一，1–1000（DS3231 为 5，普通晶振为 50）',
  'how long after its last discipline a battery-backed RTC is believed, hours, 0–8760':
    '带电池的 RTC 在最近一次校准后可信的时长，小时，0–8760',
  "a smaller offset is left alone, ms, 0–3600000; never below the camera's resolution":
    '偏差不超过此值则不校时，毫秒，0–3600000；不低于设备时钟的分辨率',
  'where recordings are kept': '音像记录的存放目录',
  'bytes that stay free, ≥ 0': '预留的空间，字节，≥ 0',
  'worker threads, 1–16': '采集线程数，1–16',
  'copies in progress over all bays, 1–64': '全部充电位同时采集的音像记录数，1–64',
  'what may be erased from cameras': '可从设备上清除的内容',
  'tries more at a range that cannot be read before it is given up, 0–10': '无法读取的区段在放弃前的重试次数，0–10',
  'broker of the centre': '中心平台的消息服务器',
  'MQTT 3.1.1 (4) or 5': 'MQTT 3.1.1（填 4）或 5',
  'certificate authority of the broker, PEM': '消息服务器证书的签发机构，PEM',
  'client certificate of this dock, PEM': '本采集站的客户端证书，PEM',
  'private key of this dock, PEM': '本采集站的私钥，PEM',
  'user name at the broker, at most 256 characters': '在消息服务器上的用户名，至多 256 个字符',
  'password at the broker, first line of the file': '在消息服务器上的口令，取文件首行',
  'broker: an event counts as told at PUBACK; centre: when the centre acknowledges its sequence':
    'broker：收到 PUBACK 即视为已上报；centre：中心平台确认序号后视为已上报',
  'events on their way at once, 1–1000': '同时上报而未确认的事件数，1–1000',
  'seconds, 5–600': '秒，5–600',
  'absent: nothing is told to anybody': '不配置则不上报',
  'least severe lines that are logged': '记入日志的最低级别',
  'true: no cradle board, only a hub; what is in a bay is seen at its USB port, and nothing is known of charging':
    'true：没有底座电路板，只有集线器；凭 USB 端口得知充电位中的设备，充电情况不可知',
  'folder of the LEDs of the kernel, which are the lights of such bays':
    '内核 LED 所在目录，这些 LED 用作此类充电位的指示灯',
  'USB port behind this bay: ports@controller, which custodock bays map finds out and which stays when buses are numbered anew, or as the kernel shows it now (1-1.3); also the name of its volume under media.root; default: no USB, and a volume with the name of the bay':
    '此充电位对应的 USB 端口：可填“端口链@控制器”，由 custodock bays map 查明，总线重新编号后不变；也可填内核当前显示的端口（1-1.3）；亦为 media.root 下其存储卷的名称；默认无 USB，存储卷与充电位同名',
  'LEDs that are the light of this bay, only where line is usb: one that mixes colours, one for each colour, or a single one; default: no light':
    '用作此充电位指示灯的 LED，仅限线路为 usb 时：一个可混色的，或每种颜色一个，或单个；默认无指示灯',
  'Modbus unit address, 1–247; of no meaning where line is usb': 'Modbus 单元地址，1–247；线路为 usb 时无意义',
} as const satisfies Record<string, string>;
