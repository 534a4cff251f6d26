import { useMemo } from 'react'
import styles from './article-text.module.css'
import { htmlToElements } from './html-to-elements.ts'

interface Props {
  html: string
  text: string
  language: string | null
}

/** The text of the article, from the server's sanitised HTML; plain when there is none. */
export function ArticleText({ html, text, language }: Props) {
  const elements = useMemo(() => (html === '' ? paragraphs(text) : htmlToElements(html)), [html, text])
  return (
    <section aria-label="Text" className={styles.text} lang={language ?? undefined}>
      {elements}
    </section>
  )
}

const paragraphs = (text: string) => text.split(/\n{2,}/).map((paragraph, index) => <p key={index}>{paragraph}</p>)
