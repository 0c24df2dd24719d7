import type { EntryOption } from './catalogue.ts';
import { formatCount } from './format.ts';

/** What an option may be, in words. */
export function rangeOf(option: EntryOption): string {
  if ('type' in option) return option.type;
  if (Array.isArray(option.is)) return option.is.join(', ');
  switch (option.is) {
    case 'whole':
      return `${formatCount(option.from)} to ${formatCount(option.to)}`;
    case 'number':
      return `a number from ${option.from} to ${option.to}`;
    case 'share':
      return 'from 0 to less than 1';
    case 'positive':
      return 'above 0';
    default:
      return 'true, false';
  }
}
