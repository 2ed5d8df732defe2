import type { ErrorText, Text } from './text.js';

export const configMessages = {
  'config.applied': { en: 'Changed configuration applied: {options}', 'zh-CN': '配置变更已生效：{options}' },
  'config.needs-restart': {
    en: 'Changed configuration takes effect after a restart: {options}',
    'zh-CN': '以下配置变更须重启后生效：{options}',
  },
  'config.refused': {
    en: 'The changed configuration is wrong; the previous one stays in force',
    'zh-CN': '变更后的配置有误，继续使用原配置',
  },
  'config.migrated': {
    en: 'Configuration migrated from version {from} to {to}; the previous file is kept as {backup}',
    'zh-CN': '配置已由版本 {from} 迁移至版本 {to}，原文件保存为 {backup}',
  },
  'config.migrated-in-memory': {
    en: 'Configuration of version {from} is used as version {to}; run custodock config migrate as root to write it',
    'zh-CN': '版本 {from} 的配置按版本 {to} 使用；请以 root 身份运行 custodock config migrate 写入文件',
  },
  'config.unchanged': { en: 'The configuration has not changed', 'zh-CN': '配置没有变化' },
  'config.unusable': { en: 'The configuration {file} cannot be used', 'zh-CN': '配置 {file} 不可用' },
  'config.reload-failed': { en: 'The configuration could not be read again', 'zh-CN': '无法重新读取配置' },
} as const satisfies Record<string, Text>;

export const configErrors = {
  DOCK_CONFIG_UNREADABLE: {
    en: 'The configuration cannot be read',
    'zh-CN': '无法读取配置文件',
    todo: { 'zh-CN': '请检查路径，并确认本服务有读取权限（用户组 custodock，权限 0640）' },
  },
  DOCK_CONFIG_SYNTAX: {
    en: 'The configuration is no valid YAML',
    'zh-CN': '配置文件不是有效的 YAML',
    todo: { 'zh-CN': '请修正该位置的 YAML' },
  },
  DOCK_CONFIG_VERSION: {
    en: 'The configuration has a version that this software does not know',
    'zh-CN': '本软件不支持该配置文件版本',
    todo: { 'zh-CN': '请按 config/custodock.example.yaml 填写 version，或安装与该文件对应的软件版本' },
  },
  DOCK_CONFIG_MISSING: {
    en: 'An option is missing in the configuration',
    'zh-CN': '配置缺少必填项',
    todo: { 'zh-CN': '请补充该配置项' },
  },
  DOCK_CONFIG_INVALID: {
    en: 'An option of the configuration has a wrong value',
    'zh-CN': '配置项取值有误',
    todo: { 'zh-CN': '请修正该取值（纯数字的文本须加引号）' },
  },
  DOCK_CONFIG_UNKNOWN: {
    en: 'There is no such option',
    'zh-CN': '未知的配置项',
    todo: { 'zh-CN': '请删除该配置项，或改用正确的名称' },
  },
  DOCK_CONFIG_CONFLICT: {
    en: 'Two options of the configuration contradict each other',
    'zh-CN': '配置项相互矛盾',
    todo: { 'zh-CN': '请修正其中一项' },
  },
  DOCK_CONFIG_SECRET: {
    en: 'There is a secret in the configuration',
    'zh-CN': '配置文件中含有密钥或口令',
    todo: { 'zh-CN': '请将其移至仅 root 与本服务可读的文件，在此填写该文件路径，并更换该密钥或口令' },
  },
  DOCK_SECRET_UNREADABLE: {
    en: 'A secret cannot be read',
    'zh-CN': '无法读取密钥或口令文件',
    todo: { 'zh-CN': '请检查路径，并确认本服务有读取权限' },
  },
  DOCK_SECRET_EXPOSED: {
    en: 'A secret can be read by others',
    'zh-CN': '密钥或口令文件可被他人读取',
    todo: { 'zh-CN': '请将该文件权限改为 0640、用户组改为 custodock；如已被他人读取，请更换' },
  },
} as const satisfies Record<`DOCK_${string}`, ErrorText>;
