/** One text in both languages. */
export interface Text {
  readonly en: string;
  readonly 'zh-CN': string;
}
