/** Cradles, their lines, and the side channel. */
import type { ErrorText, Text } from './text.js';

export const cradleMessages = {
  'cradle.found': {
    en: 'Cradle {cradle} found: serial {serial}, firmware {firmware}, {bayCount} bays',
    'zh-CN': '已连接底座 {cradle}：编号 {serial}，固件 {firmware}，{bayCount} 个充电位',
  },
  'cradle.lost': { en: 'Cradle {cradle} cannot be used', 'zh-CN': '底座 {cradle} 无法使用' },
} as const satisfies Record<string, Text>;

const checkWiring = '请检查底座的电源、插头、A/B 线及单元地址';
const checkLine = '请检查线路的屏蔽、终端电阻和波特率，并确认没有两个单元使用同一地址';
const checkFirmware = '请升级底座固件；若仍然如此，请更换底座';
const checkPlug = '请插好串口适配器，并确认 cradles[].line.serial 使用 /dev/serial/by-path/ 下的路径';
const checkNetwork = '请检查底座的网线、电源和地址（cradles[].line.tcp）';

export const cradleErrors = {
  DOCK_CRADLE_SILENT: { en: 'The cradle does not answer', 'zh-CN': '底座无应答', todo: { 'zh-CN': checkWiring } },
  DOCK_CRADLE_BABBLE: {
    en: 'The line carries bytes that are no answer',
    'zh-CN': '线路上收到的字节不是有效应答',
    todo: { 'zh-CN': checkLine },
  },
  DOCK_CRADLE_CRC: {
    en: 'Answers of the cradle arrive damaged (CRC)',
    'zh-CN': '底座应答的 CRC 校验错误',
    todo: { 'zh-CN': checkLine },
  },
  DOCK_CRADLE_TRUNCATED: {
    en: 'Answers of the cradle arrive incomplete',
    'zh-CN': '底座应答不完整',
    todo: { 'zh-CN': checkLine },
  },
  DOCK_CRADLE_OUT_OF_TURN: {
    en: 'Answers come late or from another unit',
    'zh-CN': '应答迟到或来自其他单元',
    todo: { 'zh-CN': checkLine },
  },
  DOCK_CRADLE_HALF_DEAD: {
    en: 'The cradle answers only some of the requests',
    'zh-CN': '底座只应答部分请求',
    todo: { 'zh-CN': checkLine },
  },
  DOCK_CRADLE_EXCEPTION: {
    en: 'The cradle refuses a request',
    'zh-CN': '底座拒绝执行请求',
    todo: { 'zh-CN': checkFirmware },
  },
  DOCK_CRADLE_NONSENSE: {
    en: 'The cradle reports values that cannot be',
    'zh-CN': '底座报告的数值不合规定',
    todo: { 'zh-CN': checkFirmware },
  },
  DOCK_CRADLE_FOREIGN: {
    en: 'What answers at this address is no cradle',
    'zh-CN': '该地址上应答的设备不是底座',
    todo: { 'zh-CN': '请更正 cradles[].unit，或将该设备从此线路上移走' },
  },
  DOCK_CRADLE_MAP_VERSION: {
    en: 'The cradle speaks another version of the register map',
    'zh-CN': '底座的寄存器表版本不符',
    todo: { 'zh-CN': '请升级底座固件或 Custodock，使两者使用同一版本' },
  },
  DOCK_CRADLE_BAYS: {
    en: 'The cradle has not the bays that are configured',
    'zh-CN': '底座的充电位数量与配置不符',
    todo: { 'zh-CN': '请更正 cradles[].bays，或接上应有的底座' },
  },
  DOCK_CRADLE_RESTARTED: {
    en: 'The cradle has started anew',
    'zh-CN': '底座已重新启动',
    todo: { 'zh-CN': '若再次出现，请检查底座的供电' },
  },
  DOCK_CRADLE_TAKEN: {
    en: 'Another program leads the cradle',
    'zh-CN': '底座被其他程序占用',
    todo: { 'zh-CN': '请停止同一线路上的其他程序' },
  },
  DOCK_CRADLE_STALE: {
    en: 'The camera or the connection that was spoken to has gone',
    'zh-CN': '所访问的记录设备或连接已不存在',
    todo: { 'zh-CN': '请重新获取该充电位的数据通道' },
  },
  DOCK_CRADLE_BUSY: {
    en: 'Too many requests wait for one bay',
    'zh-CN': '同一充电位等待的请求过多',
    todo: { 'zh-CN': '请等待已有请求完成' },
  },
  DOCK_CRADLE_SIDE_LATE: {
    en: 'The camera could not be asked in time',
    'zh-CN': '未能及时查询记录设备',
    todo: { 'zh-CN': '请重试；若仍然如此，请减少该线路上的底座或提高波特率' },
  },
  DOCK_CRADLE_CANNOT_TELL: {
    en: 'The camera does not tell this over the cradle',
    'zh-CN': '记录设备不通过底座提供此项信息',
    todo: { 'zh-CN': '请从其他来源获取，例如存储卷' },
  },
  DOCK_CRADLE_CLOCK_LATE: {
    en: 'The order to set the camera clock would have come too late',
    'zh-CN': '设置记录设备时钟的指令已来不及送达',
    todo: { 'zh-CN': '请改在之后的整秒设置' },
  },
  DOCK_CRADLE_CLOCK_RANGE: {
    en: 'The camera clock cannot be set to this time',
    'zh-CN': '记录设备时钟无法设为该时间',
    todo: { 'zh-CN': '请检查采集站的时钟' },
  },
  DOCK_CRADLE_CLOCK_NOT_SET: {
    en: 'The camera did not take the time',
    'zh-CN': '记录设备未接受校时',
    todo: { 'zh-CN': '请取出后重新放入；若仍然如此，请送修其时钟' },
  },
  DOCK_CRADLE_UNKNOWN_BAY: {
    en: 'There is no such bay on this line',
    'zh-CN': '该线路上没有此充电位',
    todo: { 'zh-CN': '请更正配置中的 cradles[]' },
  },
  DOCK_HUB_UNSEEN: {
    en: 'The ports of the hub cannot be seen',
    'zh-CN': '无法查看集线器的端口',
    todo: { 'zh-CN': '请确认 /sys/bus/usb 存在，并查看日志中关于 USB 的问题' },
  },
  DOCK_LED_MISSING: {
    en: 'There is no such LED',
    'zh-CN': '没有此 LED',
    todo: { 'zh-CN': '请对照 /sys/class/leds 中的名称检查 cradles[].bays[].leds' },
  },
  DOCK_LED_DENIED: {
    en: 'The LED may not be switched by this service',
    'zh-CN': '本服务无权控制该 LED',
    todo: { 'zh-CN': '请使 LED 名称以 custodock 开头，安装 udev 规则，并检查服务单元中的 ReadWritePaths=' },
  },
  DOCK_LED_NO_PATTERN: {
    en: 'The kernel has no trigger “pattern” for the LED',
    'zh-CN': '内核没有 LED 的 pattern 触发器',
    todo: { 'zh-CN': '请加载内核模块 ledtrig-pattern（modprobe ledtrig-pattern）' },
  },
  DOCK_LED_FAILED: {
    en: 'The LED does not take its light',
    'zh-CN': 'LED 无法按要求显示',
    todo: { 'zh-CN': '请在内核日志中检查该 LED 的驱动' },
  },
  DOCK_SERIAL_MISSING: {
    en: 'The serial port is not there',
    'zh-CN': '串口不存在',
    todo: { 'zh-CN': checkPlug },
  },
  DOCK_SERIAL_UNPLUGGED: {
    en: 'The serial port was lost',
    'zh-CN': '串口连接中断',
    todo: { 'zh-CN': checkPlug },
  },
  DOCK_SERIAL_DENIED: {
    en: 'The serial port may not be opened',
    'zh-CN': '没有打开串口的权限',
    todo: { 'zh-CN': '请将运行 Custodock 的用户加入该串口所属的组（dialout）' },
  },
  DOCK_SERIAL_FAILED: {
    en: 'The serial port does not open',
    'zh-CN': '串口无法打开',
    todo: { 'zh-CN': '请停止占用该串口的程序，并确认该路径是串口' },
  },
  DOCK_TCP_REFUSED: {
    en: 'The cradle refuses the connection',
    'zh-CN': '底座拒绝连接',
    todo: { 'zh-CN': checkNetwork },
  },
  DOCK_TCP_UNREACHABLE: {
    en: 'The cradle cannot be reached over the network',
    'zh-CN': '无法通过网络连接底座',
    todo: { 'zh-CN': checkNetwork },
  },
  DOCK_TCP_CLOSED: {
    en: 'The connection with the cradle was lost',
    'zh-CN': '与底座的网络连接中断',
    todo: { 'zh-CN': checkNetwork },
  },
  DOCK_LINE_OPEN_LATE: {
    en: 'The line to the cradle does not open in time',
    'zh-CN': '底座线路未能及时打开',
    todo: { 'zh-CN': '请检查串口适配器或网络' },
  },
  DOCK_LINE_CLOSED: {
    en: 'The line to the cradle is closed',
    'zh-CN': '底座线路已关闭',
    todo: { 'zh-CN': '请等待线路重新打开' },
  },
  DOCK_PTY_FAILED: {
    en: 'No pseudo-terminal could be opened for the simulated cradle',
    'zh-CN': '无法为模拟底座打开伪终端',
    todo: { 'zh-CN': '请安装 bsdutils，并确认可以打开 /dev/ptmx' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
