import { productNames, referenceFiles } from './references.ts'

/** Ends of names of programs, scripts, archives and documents that carry malware. */
const carriers = new Set(
  `7z apk asp aspx bat bin cab chm cmd cpl dat dll dmg doc docm docx dotm drv dylib elf exe gz hta img iso jar js jse
  jsp ko lnk msi msix msp ocx pdf php pif pkg plist ppt pptm pptx ps1 psm1 py rar rtf scr sh sys tgz tmp vbe vbs vhd
  vhdx wsf wsh xls xlsb xlsm xlsx zip`.split(/\s+/),
)
/** Ends that are files, not hosts, although they are top-level domains or look like code. */
const harmless = new Set(
  'cfg conf cpp cs css csv htm html ini java jpg json log md mov mp4 png ps rb rs so svg ts txt xml yaml yml'.split(
    ' ',
  ),
)

/** Reads a bare file name; a well-known one is a reference. Undefined when it does not look like a file. */
export function readFileName(run: string): { kind: 'file-name' | 'reference'; value: string } | undefined {
  const dot = run.lastIndexOf('.')
  const end = run.slice(dot + 1).toLowerCase()
  if (dot < 1 || !(carriers.has(end) || harmless.has(end))) return undefined
  const name = run.toLowerCase()
  const isReference = !carriers.has(end) || referenceFiles.has(name) || productNames.has(name)
  return { kind: isReference ? 'reference' : 'file-name', value: run }
}

/** Whether a name ends like a program, script, archive or document. */
export const isCarrier = (name: string): boolean =>
  name.includes('.') && carriers.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase())
