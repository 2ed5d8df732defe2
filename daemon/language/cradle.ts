/** Cradles, their lines, and the side channel. */
import type { Text } from './text.js';

export const cradleMessages = {
  'cradle.found': {
    en: 'Cradle {cradle} found: serial {serial}, firmware {firmware}, {bayCount} bays',
    'zh-CN': '已连接底座 {cradle}：编号 {serial}，固件 {firmware}，{bayCount} 个充电位',
  },
  'cradle.lost': { en: 'Cradle {cradle} cannot be used', 'zh-CN': '底座 {cradle} 无法使用' },
} as const satisfies Record<string, Text>;

export const cradleErrors = {
  DOCK_CRADLE_SILENT: { en: 'The cradle does not answer', 'zh-CN': '底座无应答' },
  DOCK_CRADLE_BABBLE: {
    en: 'The line carries bytes that are no answer',
    'zh-CN': '线路上收到的字节不是有效应答',
  },
  DOCK_CRADLE_CRC: {
    en: 'Answers of the cradle arrive damaged (CRC)',
    'zh-CN': '底座应答的 CRC 校验错误',
  },
  DOCK_CRADLE_TRUNCATED: {
    en: 'Answers of the cradle arrive incomplete',
    'zh-CN': '底座应答不完整',
  },
  DOCK_CRADLE_OUT_OF_TURN: {
    en: 'Answers come late or from another unit',
    'zh-CN': '应答迟到或来自其他单元',
  },
  DOCK_CRADLE_HALF_DEAD: {
    en: 'The cradle answers only some of the requests',
    'zh-CN': '底座只应答部分请求',
  },
  DOCK_CRADLE_EXCEPTION: {
    en: 'The cradle refuses a request',
    'zh-CN': '底座拒绝执行请求',
  },
  DOCK_CRADLE_NONSENSE: {
    en: 'The cradle reports values that cannot be',
    'zh-CN': '底座报告的数值不合规定',
  },
  DOCK_CRADLE_FOREIGN: {
    en: 'What answers at this address is no cradle',
    'zh-CN': '该地址上应答的设备不是底座',
  },
  DOCK_CRADLE_MAP_VERSION: {
    en: 'The cradle speaks another version of the register map',
    'zh-CN': '底座的寄存器表版本不符',
  },
  DOCK_CRADLE_BAYS: {
    en: 'The cradle has not the bays that are configured',
    'zh-CN': '底座的充电位数量与配置不符',
  },
  DOCK_CRADLE_RESTARTED: {
    en: 'The cradle has started anew',
    'zh-CN': '底座已重新启动',
  },
  DOCK_CRADLE_TAKEN: {
    en: 'Another program leads the cradle',
    'zh-CN': '底座被其他程序占用',
  },
  DOCK_CRADLE_STALE: {
    en: 'The camera or the connection that was spoken to has gone',
    'zh-CN': '所访问的记录设备或连接已不存在',
  },
  DOCK_CRADLE_BUSY: {
    en: 'Too many requests wait for one bay',
    'zh-CN': '同一充电位等待的请求过多',
  },
  DOCK_CRADLE_SIDE_LATE: {
    en: 'The camera could not be asked in time',
    'zh-CN': '未能及时查询记录设备',
  },
  DOCK_CRADLE_CANNOT_TELL: {
    en: 'The camera does not tell this over the cradle',
    'zh-CN': '记录设备不通过底座提供此项信息',
  },
  DOCK_CRADLE_CLOCK_LATE: {
    en: 'The order to set the camera clock would have come too late',
    'zh-CN': '设置记录设备时钟的指令已来不及送达',
  },
  DOCK_CRADLE_CLOCK_RANGE: {
    en: 'The camera clock cannot be set to this time',
    'zh-CN': '记录设备时钟无法设为该时间',
  },
  DOCK_CRADLE_CLOCK_NOT_SET: {
    en: 'The camera did not take the time',
    'zh-CN': '记录设备未接受校时',
  },
  DOCK_CRADLE_UNKNOWN_BAY: {
    en: 'There is no such bay on this line',
    'zh-CN': '该线路上没有此充电位',
  },
  DOCK_HUB_UNSEEN: {
    en: 'The ports of the hub cannot be seen',
    'zh-CN': '无法查看集线器的端口',
  },
  DOCK_LED_MISSING: {
    en: 'There is no such LED',
    'zh-CN': '没有此 LED',
  },
  DOCK_LED_DENIED: {
    en: 'The LED may not be switched by this service',
    'zh-CN': '本服务无权控制该 LED',
  },
  DOCK_LED_NO_PATTERN: {
    en: 'The kernel has no trigger “pattern” for the LED',
    'zh-CN': '内核没有 LED 的 pattern 触发器',
  },
  DOCK_LED_FAILED: {
    en: 'The LED does not take its light',
    'zh-CN': 'LED 无法按要求显示',
  },
  DOCK_SERIAL_MISSING: {
    en: 'The serial port is not there',
    'zh-CN': '串口不存在',
  },
  DOCK_SERIAL_UNPLUGGED: {
    en: 'The serial port was lost',
    'zh-CN': '串口连接中断',
  },
  DOCK_SERIAL_DENIED: {
    en: 'The serial port may not be opened',
    'zh-CN': '没有打开串口的权限',
  },
  DOCK_SERIAL_FAILED: {
    en: 'The serial port does not open',
    'zh-CN': '串口无法打开',
  },
  DOCK_TCP_REFUSED: {
    en: 'The cradle refuses the connection',
    'zh-CN': '底座拒绝连接',
  },
  DOCK_TCP_UNREACHABLE: {
    en: 'The cradle cannot be reached over the network',
    'zh-CN': '无法通过网络连接底座',
  },
  DOCK_TCP_CLOSED: {
    en: 'The connection with the cradle was lost',
    'zh-CN': '与底座的网络连接中断',
  },
  DOCK_LINE_OPEN_LATE: {
    en: 'The line to the cradle does not open in time',
    'zh-CN': '底座线路未能及时打开',
  },
  DOCK_LINE_CLOSED: {
    en: 'The line to the cradle is closed',
    'zh-CN': '底座线路已关闭',
  },
  DOCK_PTY_FAILED: {
    en: 'No pseudo-terminal could be opened for the simulated cradle',
    'zh-CN': '无法为模拟底座打开伪终端',
  },
} as const satisfies Record<`DOCK_${string}`, Text>;

export const cradlePhrases = {
  'the line opens within {1} ms': '线路在 {1} 毫秒内打开',
  'it did not': '未打开',
  'Check the serial adapter or the network': '请检查串口适配器或网络',
  'Update the firmware of the cradle; if it goes on, replace the cradle': '请升级底座固件；若仍然如此，请更换底座',
  'at least {1} registers': '至少 {1} 个寄存器',
  '{1} 0–{2}': '{1:phrase}为 0–{2}',
  '{1} below 2^53': '{1:phrase}小于 2^53',
  'at most {1} bays': '至多 {1} 个充电位',
  seating: '就位状态',
  charge: '充电状态',
  'clock resolution': '时钟分辨率',
  'light shown': '当前灯态',
  'light wanted': '要求的灯态',
  'battery 0–100 %': '电量为 0–100 %',
  capacity: '容量',
  'free space': '剩余空间',
  'camera time': '设备时间',
  'state of the clock setting': '校时状态',
  identity: '标识',
  'battery charge': '电量',
  storage: '存储',
  faults: '故障信息',
  clock: '时钟',
  'camera-self-test': '设备自检',
  lens: '镜头',
  microphone: '麦克风',
  'storage-card': '存储卡',
  battery: '电池',
  'clock-battery': '时钟电池',
  overheated: '过热',
  firmware: '固件',
  'encryption-key': '加密密钥',
  positioning: '定位',
  button: '按键',
  display: '显示屏',
  infrared: '红外',
  radio: '无线通信',
  'housing-opened': '外壳被打开',
  other: '其他故障',
  '{1} ms ahead': '提前 {1} 毫秒',
  'it reports a failure': '设备报告校时失败',
  'the order never reached it': '指令未送达设备',
  'no confirmation after {1} ms': '{1} 毫秒后仍未确认',
  'Check the power and the plug of the cradle, the wires A and B, and the unit address':
    '请检查底座的电源、插头、A/B 线及单元地址',
  'Check shielding, termination and baud, and that no two units have the same address':
    '请检查线路的屏蔽、终端电阻和波特率，并确认没有两个单元使用同一地址',
  'answer of unit {1} within {2} ms': '单元 {1} 在 {2} 毫秒内应答',
  '{1} bytes: {2}{3}': '{1} 字节：{2}{3}',
  'exception {1} ({2})': '异常码 {1}（{2:phrase}）',
  unknown: '未知',
  'illegal function': '不支持的功能码',
  'illegal address': '寄存器地址无效',
  'illegal value': '数值无效',
  'device failure': '单元故障',
  busy: '单元忙',
  'gateway path unavailable': '网关路径不可用',
  'target device failed to respond': '目标单元无应答',
  'meant for another start of the unit': '单元已重新启动，请求已失效',
  'meant for another connection': '连接已更换，请求已失效',
  'meant for another camera': '设备已更换，请求已失效',
  'answer of unit {1}': '单元 {1} 应答',
  'a cradle at unit {1}': '单元 {1} 为底座',
  'Correct cradles[].unit, or take the other device off this line': '请更正 cradles[].unit，或将该设备从此线路上移走',
  'register map {1}': '寄存器表版本 {1}',
  'Update the firmware of the cradle, or Custodock, so that both speak the same map':
    '请升级底座固件或 Custodock，使两者使用同一版本的寄存器表',
  '{1} to 16 bays': '{1} 至 16 个充电位',
  'Correct cradles[].bays, or connect the cradle that belongs here': '请更正 cradles[].bays，或接上应有的底座',
  'nearly every request answered': '绝大多数请求得到应答',
  '{1} of {2} failed, the last with {3}': '{2} 次请求中失败 {1} 次，最后一次为 {3}',
  'unit {1} running on': '单元 {1} 持续运行',
  'it started anew': '单元已重新启动',
  'Check the power supply of the cradle if this comes again': '若再次出现，请检查底座的供电',
  'unit {1} led by this gateway alone': '单元 {1} 仅由本采集站控制',
  'another gateway or tool has connected to it': '已被其他采集站或工具连接',
  'Stop the other program on this line': '请停止同一线路上的其他程序',
  'the same camera in bay {1}-{2} over the same connection': '充电位 {1}-{2} 的设备和连接均未更换',
  'one of them has gone': '其中之一已不存在',
  'Ask for the side channel of the bay again': '请重新获取该充电位的数据通道',
  'at most {1} requests waiting for one bay': '同一充电位等待的请求至多 {1} 个',
  'Wait for the answers before asking more': '请等待已有请求完成',
  'a turn on the line within {1} ms': '{1} 毫秒内可使用线路',
  'the line was busy or disturbed': '线路繁忙或受干扰',
  'Try again; if it goes on, put fewer cradles on the line or raise its baud':
    '请重试；若仍然如此，请减少该线路上的底座或提高波特率',
  'a camera that tells its {1} over the side channel': '设备经数据通道提供{1:phrase}',
  'one that does not': '设备不提供',
  'Use another source for it, such as the volume': '请从其他来源获取，例如存储卷',
  'the order to set the clock at the cradle at least 10 ms ahead of the second': '校时指令在整秒前至少 10 毫秒送达底座',
  'Set the clock at a later second': '请改在之后的整秒校时',
  'a whole second from 1970 to 2106, at most 60 s ahead': '1970 至 2106 年间的整秒，至多提前 60 秒',
  'Check the clock of the dock': '请检查采集站的时钟',
  'the camera confirms that its clock was set': '设备确认已校时',
  'Take the camera out and put it back; if it goes on, have its clock repaired':
    '请取出设备重新放入；若仍然如此，请送修其时钟',
  'a cradle and slot of this line': '该线路上的底座和槽位',
  'Correct cradles[] in the configuration': '请更正配置中的 cradles[]',
  'another device (registers 0–3: {1})': '其他设备（寄存器 0–3：{1}）',
  'Plug in the serial adapter, and check that cradles[].line.serial names it by /dev/serial/by-path/':
    '请插好串口适配器，并确认 cradles[].line.serial 使用 /dev/serial/by-path/ 下的路径',
  'serial port {1}': '串口 {1}',
  'nothing there': '不存在',
  'serial port {1}, readable and writable': '串口 {1} 可读写',
  'permission denied': '没有权限',
  'Add the user that Custodock runs as to the group of the port (dialout)':
    '请将运行 Custodock 的用户加入该串口所属的组（dialout）',
  'serial port {1} opens': '串口 {1} 可打开',
  'Stop the program that holds the port, and check that the path is a serial port':
    '请停止占用该串口的程序，并确认该路径是串口',
  'serial port {1} open': '串口 {1} 处于打开状态',
  'Wait until the line was opened again': '请等待线路重新打开',
  'serial port {1} stays connected': '串口 {1} 保持连接',
  'the line in memory open': '内存线路处于打开状态',
  'Open a new pair': '请重新建立一对内存线路',
  'a pseudo-terminal from script(1)': '由 script(1) 提供的伪终端',
  'it ended at once': '立即退出',
  'Install bsdutils, and check that /dev/ptmx can be opened': '请安装 bsdutils，并确认可以打开 /dev/ptmx',
  'the pseudo-terminal open': '伪终端处于打开状态',
  'Open a new one': '请重新打开伪终端',
  'Check network cable, power and address of the cradle (cradles[].line.tcp)':
    '请检查底座的网线、电源和地址（cradles[].line.tcp）',
  'connection with {1}': '与 {1} 的连接',
  'connection with {1} open and taking bytes': '与 {1} 的连接畅通',
  '{1} bytes unsent': '{1} 字节未发出',
  'the trigger pattern at LED {1}': 'LED {1} 具有 pattern 触发器',
  'Load the kernel module ledtrig-pattern (modprobe ledtrig-pattern)':
    '请加载内核模块 ledtrig-pattern（modprobe ledtrig-pattern）',
  'LED {1} to take its light': 'LED {1} 按要求显示',
  'Compare cradles[].bays[].leds with the names in /sys/class/leds':
    '请对照 /sys/class/leds 中的名称检查 cradles[].bays[].leds',
  'Give the LED a name that begins with custodock, install the udev rules, and check ReadWritePaths= in the unit':
    '请使 LED 名称以 custodock 开头，安装 udev 规则，并检查服务单元中的 ReadWritePaths=',
  'Check the driver of the LED in the log of the kernel': '请在内核日志中检查该 LED 的驱动',
  'a side channel at bay {1}-{2}': '充电位 {1}-{2} 具有数据通道',
  'a hub, which has none': '集线器没有数据通道',
  'Ask the camera over its USB, or leave it': '请经 USB 查询设备，或不查询',
  'a look at the USB within {1} s': '{1} 秒内可查看 USB',
  'Check that /sys/bus/usb is there and that the log names no trouble with the USB':
    '请确认 /sys/bus/usb 存在，并查看日志中关于 USB 的问题',
  'a bay of a hub in the configuration': '配置中某集线器的充电位',
} as const satisfies Record<string, string>;
