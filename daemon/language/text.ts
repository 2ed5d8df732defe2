/** One text in both languages. */
export interface Text {
  readonly en: string;
  readonly 'zh-CN': string;
}

/** What an error code means and what to do about it; English `todo` comes from where the error arose. */
export interface ErrorText extends Text {
  readonly todo: { readonly 'zh-CN': string };
}
