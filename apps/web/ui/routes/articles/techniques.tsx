import { Link } from '@tanstack/react-router'
import type { Technique } from '../../api/answers.ts'
import { Icon } from '../../components/icon.tsx'
import { actionIcons } from '../../components/action-icons.ts'
import styles from './parts.module.css'

/** `T1059.001` stands at `/techniques/T1059/001/`. */
const attackUrl = (id: string): string => `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`

export function Techniques({ techniques }: { techniques: readonly Technique[] }) {
  if (techniques.length === 0) return null
  return (
    <section aria-labelledby="techniques-title" className={styles.section}>
      <h2 id="techniques-title" className={styles.heading}>
        ATT&amp;CK techniques <span className={styles.number}>{techniques.length}</span>
      </h2>
      <ul className={styles.techniques}>
        {techniques.map(({ id, name }) => (
          <li key={id}>
            <Link to="/articles" search={{ technique: id }} title={`Articles that name ${id}`}>
              <b>{id}</b> {name}
            </Link>
            <a
              href={attackUrl(id)}
              target="_blank"
              rel="noopener noreferrer"
              aria-label={`${id} at attack.mitre.org`}
              title="attack.mitre.org"
            >
              <Icon path={actionIcons.external} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
