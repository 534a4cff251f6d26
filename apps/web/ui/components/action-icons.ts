/** The icons of what opens later; those of the first page are in `icons.ts`. */
export const actionIcons = {
  external: 'M14 5h5v5 M19 5l-8 8 M17 14v5H5V7h5',
  copy: 'M9 9h10v10H9z M15 9V5H5v10h4',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  down: 'M6 9l6 6 6-6',
  back: 'M15 6l-6 6 6 6',
  plus: 'M12 5v14 M5 12h14',
  pause: 'M9 6v12 M15 6v12',
  resume: 'M8 5.5v13l10-6.5z',
  refresh: 'M19 12a7 7 0 1 1-2-4.9 M19 4v4h-4',
  trash: 'M5 7h14 M10 7V4.5h4V7 M7 7l1 12.5h8L17 7',
  upload: 'M12 15V5 M8 9l4-4 4 4 M5 15v4h14v-4',
  download: 'M12 5v10 M8 11l4 4 4-4 M5 15v4h14v-4',
}
