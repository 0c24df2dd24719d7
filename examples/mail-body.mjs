/**
 * The words of a mail that its reader sees: no headers, no attachments, no markup. What the mail's
 * envelope tells (sender, relays, mailing program) is left out on purpose.
 * @param mail as it went over the wire
 * @returns text, empty where the mail only shows a picture
 */
export function mailBody(mail) {
  return readable(mail).replace(/\s+/g, ' ').trim();
}

/** The text of a mail or of a part of one, both of which are headers, an empty line, a body. */
function readable(entity) {
  const { headers, body } = cut(entity);
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(type);
  if (/^multipart\//i.test(type) && boundary) {
    return joinParts(partsOf(body, boundary[1] ?? boundary[2]), /^multipart\/alternative/i.test(type));
  }
  if (/^message\/rfc822/i.test(type)) return readable(body);
  if (!/^text\//i.test(type) && type.includes('/')) return '';
  const text = decode(body, headers.get('content-transfer-encoding') ?? '');
  return /^text\/html/i.test(type) || /<(html|body|table|font)\b/i.test(text) ? withoutMarkup(text) : text;
}

/** Alternatives say the same thing in several ways: the first that says anything will do. */
function joinParts(parts, areAlternatives) {
  const texts = parts.map(readable).filter((text) => text.trim() !== '');
  return areAlternatives ? (texts[0] ?? '') : texts.join('\n');
}

function partsOf(body, boundary) {
  const [, ...parts] = `\n${body}`.split(`\n--${boundary}`);
  return parts.filter((part) => !part.startsWith('--')).map((part) => part.replace(/^[^\n]*\n/, ''));
}

function cut(entity) {
  const text = entity.replaceAll('\r\n', '\n');
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  if (end < 0) return { headers: new Map(), body: text };
  const lines = text
    .slice(0, end)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n');
  const headers = lines.map((line) => /^([\w-]+):\s*(.*)$/.exec(line)).filter((found) => found !== null);
  return {
    headers: new Map(headers.map(([, name, value]) => [name.toLowerCase(), value])),
    body: text.slice(end).replace(/^\n+/, ''),
  };
}

function decode(body, encoding) {
  if (/base64/i.test(encoding)) return Buffer.from(body, 'base64').toString('latin1');
  if (!/quoted-printable/i.test(encoding)) return body;
  return body
    .replace(/[ \t]*=[ \t]*\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function withoutMarkup(html) {
  return html
    .replace(/<!--[\s\S]*?(-->|$)/g, '')
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1\s*>/gi, ' ')
    .replace(/<\/?(a|b|i|u|em|strong|font|span|big|small)\b[^>]*>/gi, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d{1,6});/g, (_, code) => String.fromCodePoint(Math.min(Number(code), 0xffff)))
    .replace(/&(\w+);/g, (entity, name) => ENTITIES[name.toLowerCase()] ?? entity);
}
