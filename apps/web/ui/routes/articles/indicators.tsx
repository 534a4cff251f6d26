import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Indicator } from '../../api/answers.ts'
import { Button } from '../../components/button.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { defang, groupByKind, kindNames } from './defang.ts'
import styles from './parts.module.css'

// The text of the article shall not begin a screen further down.
const SHOWN_AT_FIRST = 12
// Longer ones have a line of their own.
const LONG = 24

/** What an analyst takes out of an article: shown defanged, copied as it is. */
export function Indicators({ indicators }: { indicators: readonly Indicator[] }) {
  const [all, setAll] = useState(false)
  if (indicators.length === 0) return null
  const grouped = groupByKind(indicators)
  const ordered = grouped.flatMap(([, of]) => of)
  const shown = groupByKind(all ? ordered : ordered.slice(0, SHOWN_AT_FIRST))
  return (
    <section aria-labelledby="indicators-title" className={styles.section}>
      <h2 id="indicators-title" className={styles.heading}>
        Indicators <span className={styles.number}>{indicators.length}</span>
        <CopyButton text={ordered.map(({ value }) => value).join('\n')} label="Copy all indicators">
          Copy all
        </CopyButton>
      </h2>
      <dl className={styles.indicators}>
        {shown.map(([kind, of]) => (
          <div key={kind}>
            <dt>{kindNames[kind]}</dt>
            {of.map((indicator) => (
              <dd key={indicator.value} className={indicator.value.length > LONG ? styles.long : undefined}>
                <Link to="/search" search={{ q: indicator.value }} title="Search for it">
                  {defang(indicator)}
                </Link>
                {indicator.occurrences > 1 && <span className={styles.times}>×{indicator.occurrences}</span>}
                <CopyButton text={indicator.value} label={`Copy ${indicator.value}`} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
      {!all && ordered.length > SHOWN_AT_FIRST && (
        <Button onClick={() => setAll(true)}>Show all {ordered.length} indicators</Button>
      )}
    </section>
  )
}
