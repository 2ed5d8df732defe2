/** Phrases of several areas. */

export const commonPhrases = {
  none: '无',
  nothing: '无',
  'none yet': '尚无',
  'one more': '又一个',
  closed: '已关闭',
  'closed by the other side': '被对方关闭',
  '{1}: expected {2}, found {3}. {4}.': '{1}（应为：{2:any}；实为：{3:any}）。{4:any}。',
  'no answer': '无应答',
  'an answer': '应答',
  'an answer within {1} s': '{1} 秒内应答',
  'an answer within {1} ms': '{1} 毫秒内应答',
  'no answer within {1} ms': '{1} 毫秒内无应答',
  'none for {1} ms': '已 {1} 毫秒没有',
  '{1} bytes': '{1} 字节',
  'at most {1} bytes': '至多 {1} 字节',
  '{1} characters': '{1} 个字符',
  '{1}, {2}': '{1:phrase}，{2:phrase}',
  '{1}; {2}': '{1:phrase}；{2:phrase}',
  '{1} a second time': '{1} 重复出现',
} as const satisfies Record<string, string>;
