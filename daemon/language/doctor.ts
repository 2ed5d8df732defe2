/** What `custodock doctor` says. */
import type { Text } from './text.js';

export const doctorTexts = {
  'doctor.verdict.ok': { en: 'ok', 'zh-CN': '正常' },
  'doctor.verdict.warn': { en: 'WARN', 'zh-CN': '注意' },
  'doctor.verdict.fail': { en: 'FAIL', 'zh-CN': '异常' },
  'doctor.verdict.skipped': { en: 'skipped', 'zh-CN': '略过' },
  'doctor.what.configuration': { en: 'configuration', 'zh-CN': '配置' },
  'doctor.what.serial': { en: 'serial port', 'zh-CN': '串口' },
  'doctor.what.cradle': { en: 'cradle', 'zh-CN': '底座' },
  'doctor.what.archive': { en: 'archive', 'zh-CN': '档案库' },
  'doctor.what.parts': { en: 'interrupted copies', 'zh-CN': '中断的采集' },
  'doctor.what.state': { en: 'state directory', 'zh-CN': '状态目录' },
  'doctor.what.run-dir': { en: 'run directory', 'zh-CN': '运行目录' },
  'doctor.what.ledger': { en: 'ledger', 'zh-CN': '流水' },
  'doctor.what.media': { en: "cameras' volumes", 'zh-CN': '设备存储卷' },
  'doctor.what.clock': { en: 'clock', 'zh-CN': '时钟' },
  'doctor.what.broker': { en: 'centre', 'zh-CN': '中心平台' },
  'doctor.what.certificates': { en: 'certificates', 'zh-CN': '证书' },
  'doctor.what.disks': { en: 'disks', 'zh-CN': '磁盘' },
  'doctor.what.node': { en: 'Node.js', 'zh-CN': 'Node.js' },
  'doctor.what.threads': { en: 'file threads', 'zh-CN': '文件线程' },
  'doctor.what.unit': { en: 'systemd unit', 'zh-CN': 'systemd 单元' },
  'doctor.what.udev': { en: 'udev rules', 'zh-CN': 'udev 规则' },
  'doctor.what.journal': { en: 'journal', 'zh-CN': '系统日志' },
  'doctor.what.usb': { en: 'USB', 'zh-CN': 'USB' },
  'doctor.what.dock': { en: 'dock', 'zh-CN': '采集站' },
  'doctor.errno.EACCES': { en: 'no permission', 'zh-CN': '没有权限' },
  'doctor.errno.ECONNREFUSED': {
    en: 'connection refused: nobody listens there',
    'zh-CN': '连接被拒绝，对方没有在监听',
  },
  'doctor.errno.ECONNRESET': { en: 'connection closed by the other end', 'zh-CN': '连接被对方关闭' },
  'doctor.errno.EHOSTUNREACH': { en: 'host cannot be reached', 'zh-CN': '主机不可达' },
  'doctor.errno.EIO': {
    en: 'input/output error: the disk or device is failing',
    'zh-CN': '读写错误，磁盘或设备可能损坏',
  },
  'doctor.errno.ENETUNREACH': { en: 'network cannot be reached', 'zh-CN': '网络不可达' },
  'doctor.errno.ENOENT': { en: 'is not there', 'zh-CN': '不存在' },
  'doctor.errno.ENOTDIR': { en: 'is no directory', 'zh-CN': '不是目录' },
  'doctor.errno.ENOTFOUND': { en: 'host name is not known', 'zh-CN': '无法解析主机名' },
  'doctor.errno.EROFS': { en: 'mounted read-only', 'zh-CN': '以只读方式挂载' },
  'doctor.errno.ETIMEDOUT': { en: 'no answer in time', 'zh-CN': '连接超时' },
  'doctor.summary': {
    en: '{ok} ok, {warn} to look at, {fail} failed, {skipped} skipped',
    'zh-CN': '正常 {ok} 项，注意 {warn} 项，异常 {fail} 项，略过 {skipped} 项',
  },
  'doctor.late': { en: 'no answer within {seconds} s', 'zh-CN': '{seconds} 秒内无应答' },
  'doctor.late.todo': {
    en: 'Check whether the disk or device behind it answers: dmesg, journalctl -k',
    'zh-CN': '请检查相关磁盘或设备是否有应答：dmesg、journalctl -k',
  },
  'doctor.needs-config': { en: 'needs a usable configuration', 'zh-CN': '需先有可用的配置' },

  'doctor.config.more': { en: 'and {more} more', 'zh-CN': '另有 {more} 处' },
  'doctor.config.todo': {
    en: 'See all of it: custodock config check --config {file}; a commented example: custodock config example',
    'zh-CN': '查看全部问题：custodock config check --config {file}；带注释的示例：custodock config example',
  },
  'doctor.config.example': {
    en: '{file} is still the example that came with the package: this dock waits and does nothing',
    'zh-CN': '{file} 仍为软件包自带的示例，本采集站等待配置，未开始工作',
  },
  'doctor.config.example.todo': {
    en: 'Edit dock, cradles, cameras and central in {file}; it is taken over by itself once custodock config check finds it in order',
    'zh-CN': '请编辑 {file} 中的 dock、cradles、cameras、central；custodock config check 通过后自动生效',
  },
  'doctor.config.no-cradles': {
    en: 'No cradles are configured: add them under cradles',
    'zh-CN': '尚未配置底座，请在 cradles 中添加',
  },

  'doctor.node.todo': { en: 'Install Node.js {least} or newer', 'zh-CN': '请安装 Node.js {least} 或更新版本' },
  'doctor.threads.default': { en: 'default (4)', 'zh-CN': '默认值（4）' },
  'doctor.threads.todo': {
    en: 'Start Custodock by its own command, or set UV_THREADPOOL_SIZE to {least} or more: four cards that hang would stop the dock',
    'zh-CN': '请用 custodock 命令启动，或将 UV_THREADPOOL_SIZE 设为 {least} 以上：否则四张卡死的存储卡即可使整站停滞',
  },
  'doctor.systemd.none': { en: 'no systemd here', 'zh-CN': '本机未运行 systemd' },
  'doctor.unit.missing': { en: 'custodock.service is not installed', 'zh-CN': '未安装 custodock.service' },
  'doctor.unit.todo': {
    en: 'Copy the units of the package (systemd/) to /etc/systemd/system and run systemctl daemon-reload',
    'zh-CN': '请将软件包 systemd/ 中的单元文件复制到 /etc/systemd/system，并运行 systemctl daemon-reload',
  },
  'doctor.unit.disabled': { en: '{file}, not started at boot', 'zh-CN': '{file}，未设为开机启动' },
  'doctor.unit.enable': {
    en: 'Run systemctl enable custodock',
    'zh-CN': '请运行 systemctl enable custodock',
  },
  'doctor.udev.none': { en: 'no udev here', 'zh-CN': '本机未运行 udev' },
  'doctor.udev.missing': { en: 'no rules of Custodock', 'zh-CN': '未安装采集站的 udev 规则' },
  'doctor.udev.todo': {
    en: 'Copy the rules of the package to /etc/udev/rules.d and run udevadm control --reload: until then automounters and ModemManager may touch cameras and ports',
    'zh-CN':
      '请将软件包中的规则复制到 /etc/udev/rules.d 并运行 udevadm control --reload；否则自动挂载程序和 ModemManager 可能触碰设备和串口',
  },
  'doctor.journal.fine': { en: 'journal and notify sockets are there', 'zh-CN': '日志与通知套接字均存在' },
  'doctor.journal.missing': { en: 'missing: {files}', 'zh-CN': '缺少：{files}' },
  'doctor.journal.todo': {
    en: 'Without systemd the log goes to stderr and there is no watchdog: run it as a service in production',
    'zh-CN': '没有 systemd 时日志写到标准错误且无看门狗；正式使用请以系统服务运行',
  },
  'doctor.usb.none': { en: 'no USB on this machine', 'zh-CN': '本机没有 USB' },
  'doctor.usb.missing': { en: 'ports of bays that are not there: {ports}', 'zh-CN': '充电位端口不存在：{ports}' },
  'doctor.usb.missing.todo': {
    en: 'Check power and plug of the hub, or find the ports out with: custodock bays map',
    'zh-CN': '请检查集线器的电源和插头，或用 custodock bays map 重新确定端口',
  },
  'doctor.usb.found': { en: '{devices} devices: {list}', 'zh-CN': '{devices} 个设备：{list}' },
  'doctor.dock.running': {
    en: 'running, version {version}, ledger at entry {seq}',
    'zh-CN': '正在运行，版本 {version}，流水至第 {seq} 条',
  },
  'doctor.dock.todo': {
    en: 'Start it: systemctl start custodock; why it stopped: journalctl -u custodock -p warning',
    'zh-CN': '请启动：systemctl start custodock；停止原因：journalctl -u custodock -p warning',
  },

  'doctor.serial.missing.todo': {
    en: 'Plug the cradle in and look for its link in /dev/serial/by-path; correct cradles[].line.serial',
    'zh-CN': '请接好底座，在 /dev/serial/by-path 中查找其链接，并更正 cradles[].line.serial',
  },
  'doctor.serial.there-are': {
    en: 'ports in /dev/serial/by-path: {known}',
    'zh-CN': '/dev/serial/by-path 中现有：{known}',
  },
  'doctor.serial.not-a-port': { en: '{device} is no serial port', 'zh-CN': '{device} 不是串口' },
  'doctor.serial.forbidden': {
    en: '{device}: {reason} (group {group}, mode {mode})',
    'zh-CN': '{device}：{reason}（用户组 {group}，权限 {mode}）',
  },
  'doctor.serial.forbidden.todo': {
    en: 'Let the service into the group: usermod -aG {group} custodock, then restart it; as yourself, try sudo',
    'zh-CN': '请将服务用户加入该组并重启服务：usermod -aG {group} custodock；以个人用户检查时可用 sudo',
  },
  'doctor.serial.held': { en: '{device}, open in {list}', 'zh-CN': '{device}，正被 {list} 使用' },
  'doctor.serial.held.todo': {
    en: 'Stop the other program; ModemManager and brltty are kept away by the udev rules of Custodock',
    'zh-CN': '请停止占用串口的程序；采集站的 udev 规则可阻止 ModemManager 和 brltty',
  },
  'doctor.serial.unstable': { en: '{device}, by a name that can change', 'zh-CN': '{device}，该名称可能变化' },
  'doctor.serial.unstable.todo': {
    en: 'Name it by its link in /dev/serial/by-path: after a restart another port may have this name (I7)',
    'zh-CN': '请改用 /dev/serial/by-path 中的链接：重启后该名称可能指向另一串口',
  },
  'doctor.tcp.answers': { en: 'answers in {ms} ms', 'zh-CN': '{ms} 毫秒内应答' },
  'doctor.tcp.todo': {
    en: 'Check power, network cable and address of the cradle: {address}',
    'zh-CN': '请检查底座的电源、网线和地址：{address}',
  },

  'doctor.archive.space': {
    en: '{path}: {usable} can be used ({free} free of {capacity})',
    'zh-CN': '{path}：可用于采集 {usable}（剩余 {free}，共 {capacity}）',
  },
  'doctor.archive.todo': {
    en: 'Mount the archive disk read-write at {path} and let the user custodock own it',
    'zh-CN': '请将档案盘以读写方式挂载到 {path}，并归 custodock 用户所有',
  },
  'doctor.archive.full': {
    en: 'Nothing more can be offloaded: enlarge the archive, or have recordings reviewed; nothing is cleared by itself (I9)',
    'zh-CN': '已无法继续采集：请扩充档案库，或由管理人员审查到期记录；系统不会自行清除',
  },
  'doctor.archive.little': {
    en: 'Less than one shift of one camera: enlarge the archive soon',
    'zh-CN': '不足一台设备一个班次的数据量，请尽快扩充档案库',
  },
  'doctor.parts.found': {
    en: '{count} parts of interrupted copies, {size}',
    'zh-CN': '中断采集留下的部分文件 {count} 个，共 {size}',
  },
  'doctor.parts.no-archive': {
    en: 'There is no archive at {path} to look in',
    'zh-CN': '{path} 处没有档案库，无从检查',
  },
  'doctor.parts.one': {
    en: '{path} of camera {camera}, for {days} days',
    'zh-CN': '设备 {camera} 的 {path}，已 {days} 天',
  },
  'doctor.parts.old': {
    en: 'Dock these cameras again: {count} copies go on where they stopped, or are kept as they are if the recording is gone. Nothing is removed by itself (I9)',
    'zh-CN':
      '请将这些记录设备重新放入：{count} 个采集将从中断处继续；如音像记录已不存在，已采集部分将作为不完整记录保存。系统不会自行删除',
  },
  'doctor.state.found': {
    en: '{path}: mode {mode}, {free} free',
    'zh-CN': '{path}：权限 {mode}，剩余 {free}',
  },
  'doctor.state.todo': {
    en: 'Create {path}, owned by the user custodock, mode 0750; or run this as that user: sudo -u custodock custodock doctor',
    'zh-CN': '请建立 {path}，归 custodock 用户所有，权限 0750；或以该用户运行：sudo -u custodock custodock doctor',
  },
  'doctor.state.full': {
    en: 'Free some space: without room for the ledger nothing can be offloaded',
    'zh-CN': '请释放空间：流水无法写入时不能采集',
  },
  'doctor.state.open': {
    en: 'Keep others out of the ledger: chmod 0750 {path}',
    'zh-CN': '请禁止其他用户访问流水：chmod 0750 {path}',
  },
  'doctor.run-dir.todo': {
    en: 'The unit creates {path} (RuntimeDirectory=); without systemd: create it, owned by the user of the daemon',
    'zh-CN': '{path} 由系统服务建立（RuntimeDirectory=）；没有 systemd 时请自行建立并归服务用户所有',
  },
  'doctor.ledger.none': {
    en: '{file} is not there yet: the first start makes it',
    'zh-CN': '{file} 尚不存在，首次启动时建立',
  },
  'doctor.ledger.fine': { en: '{file}: entry {seq}, its end is sound', 'zh-CN': '{file}：第 {seq} 条，末尾完好' },
  'doctor.ledger.other': { en: 'it belongs to {owner}, not {dock}', 'zh-CN': '流水属于 {owner}，而非 {dock}' },
  'doctor.ledger.other.todo': {
    en: 'Set dock.id as it was, or give this dock a state directory of its own',
    'zh-CN': '请恢复原来的 dock.id，或为本采集站指定单独的状态目录',
  },
  'doctor.ledger.todo': {
    en: 'Keep the file as it is; check the disk; run this as the user custodock',
    'zh-CN': '请原样保留该文件，检查磁盘，并以 custodock 用户运行本命令',
  },
  'doctor.media.found': { en: '{path}: {volumes}', 'zh-CN': '{path}：{volumes}' },
  'doctor.media.todo': {
    en: 'Create {path}, where cards are mounted as {path}/<port>; or correct media.root',
    'zh-CN': '请建立 {path}（存储卡挂载为 {path}/<端口>），或更正 media.root',
  },
  'doctor.media.no-helper': {
    en: 'Cards are mounted by the media helper, which has said nothing yet: systemctl status custodock-media',
    'zh-CN': '存储卡由介质服务挂载，该服务尚未运行：systemctl status custodock-media',
  },
  'doctor.media.refused': {
    en: 'These cards are not mounted; keep them as they are and have a technician look at them: {volumes}',
    'zh-CN': '以下存储卡未挂载，请原样保留并交技术人员检查：{volumes}',
  },
  'doctor.media.writable': {
    en: 'Mount cards read-only (ro,noexec,nosuid,nodev): writable is {volumes} (I1)',
    'zh-CN': '请以只读方式挂载存储卡（ro,noexec,nosuid,nodev），当前可写：{volumes}',
  },
  'doctor.disks.late': { en: 'df hangs for {seconds} s', 'zh-CN': 'df 已停滞 {seconds} 秒' },
  'doctor.disks.late.todo': {
    en: 'Some mount does not answer: findmnt, then umount -l the one that hangs',
    'zh-CN': '有挂载点无应答：用 findmnt 查找，并以 umount -l 卸载',
  },
  'doctor.disks.failed.todo': {
    en: 'Run df -P by hand and see what it says',
    'zh-CN': '请手动运行 df -P 查看输出',
  },
  'doctor.disks.full': { en: 'Nearly full: {disks}', 'zh-CN': '即将写满：{disks}' },

  'doctor.clock.todo': {
    en: 'Let systemd-timesyncd or chrony reach a time server, or fit an RTC; until then no camera is set and none is ready (I6)',
    'zh-CN': '请使 systemd-timesyncd 或 chrony 能访问时间服务器，或加装 RTC；在此之前不校准设备时钟，也没有设备可领用',
  },
  'doctor.broker.todo': {
    en: 'Check the network and central.url; entries wait in the ledger meanwhile',
    'zh-CN': '请检查网络和 central.url；期间流水在本站等待上报',
  },
  'doctor.broker.todo-tls': {
    en: 'Check the network, central.url and the certificates; entries wait in the ledger meanwhile',
    'zh-CN': '请检查网络、central.url 和证书；期间流水在本站等待上报',
  },
  'doctor.certificate.none': { en: 'none are configured', 'zh-CN': '未配置证书' },
  'doctor.certificate.ends': { en: '{what} is good for {days} days', 'zh-CN': '{what} 还有 {days} 天到期' },
  'doctor.certificate.ended': { en: '{what} ended {days} days ago', 'zh-CN': '{what} 已过期 {days} 天' },
  'doctor.certificate.not-yet': { en: '{what} is not valid before {from}', 'zh-CN': '{what} 自 {from} 起才有效' },
  'doctor.certificate.not-yet.todo': {
    en: "Check the dock's clock first: a clock in the past makes every certificate look like this",
    'zh-CN': '请先检查本站时钟：时钟落后时所有证书都会如此',
  },
  'doctor.certificate.empty': { en: '{what} has no certificate in it', 'zh-CN': '{what} 中没有证书' },
  'doctor.certificate.other-key': {
    en: '{what} is not the key of the certificate',
    'zh-CN': '{what} 与证书不匹配',
  },
  'doctor.certificate.todo': {
    en: 'Get new certificates from the centre and put them where central.caFile, certFile and keyFile say',
    'zh-CN': '请向中心平台申请新证书，并放到 central.caFile、certFile、keyFile 所指位置',
  },
} as const satisfies Record<string, Text>;
