/** How well a classifier does on labelled rows: accuracy, and precision and recall of one label. */
export function measure(rows, classify, label) {
  let right = 0;
  let given = 0;
  let hits = 0;
  for (const row of rows) {
    const said = classify(row.text);
    if (said === row.label) right++;
    if (said === label) given++;
    if (said === label && row.label === label) hits++;
  }
  const borne = rows.filter((row) => row.label === label).length;
  return { accuracy: right / rows.length, precision: hits / given, recall: hits / borne };
}

/** `84.5 %` */
export const percent = (share) => `${(share * 100).toFixed(1)} %`;
