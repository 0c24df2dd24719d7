// Writes src/cli/catalogue.generated.ts: every public function that makes one of KINDS, with what its declaration and
// the comments say of it and its options. `gatelet layers` prints it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';

/** What a function makes, by the type that it returns. */
const KINDS = {
  Layer: 'layer',
  Optimizer: 'optimizer',
  Schedule: 'schedule',
  Average: 'average',
  'Promise<Model>': 'model',
  Training: 'training',
  GradientFlow: 'explanation',
};

/** @param root of the project */
export async function writeCatalogue(root) {
  const files = new Map(
    readdirSync(join(root, 'src'), { recursive: true })
      .filter((path) => path.endsWith('.ts') && !path.startsWith('cli'))
      .map((path) => join('src', path))
      .map((path) => [path, parse(root, path)]),
  );
  const types = optionTypes(files);
  const values = await declaredValues(root, types);
  const entries = publicFunctions(files).map(({ kind, name, path, statement }) => {
    const text = commentOf(statement);
    const source = sourceOf(text);
    const taken =
      statement.parameters
        .at(-1)
        ?.type?.getText()
        .match(/\w+Options\b/g) ?? [];
    const options = [...new Set(taken)].flatMap((type) =>
      (types.get(type)?.members ?? []).map((member) => describe(member, values[type])),
    );
    return { kind, name, file: path, says: firstSentence(text), ...(source && { source }), options };
  });
  writeFileSync(
    join(root, 'src/cli/catalogue.generated.ts'),
    `// Written by scripts/catalogue.mjs from the declarations.
import type { Entry } from './catalogue.ts';

export const CATALOGUE: readonly Entry[] = ${JSON.stringify(entries, undefined, 2)};
`,
  );
}

/** What src/index.ts exports that makes one of KINDS. */
function publicFunctions(files) {
  const exports = files.get(join('src', 'index.ts')).statements.filter(ts.isExportDeclaration);
  return exports.flatMap(({ exportClause, moduleSpecifier }) => {
    const path = join('src', moduleSpecifier.text);
    const functions = files.get(path).statements.filter(ts.isFunctionDeclaration);
    return exportClause.elements.flatMap(({ isTypeOnly, name: { text: name } }) => {
      const statement = functions.find((one) => !isTypeOnly && one.name.text === name);
      const kind = KINDS[statement?.type?.getText().replace(/^(Training)<.*/, '$1')];
      return kind ? [{ kind, name, path, statement }] : [];
    });
  });
}

/** Every `…Options`: properties of its declaration, then members of the interface that are not declared. */
function optionTypes(files) {
  const constants = new Map();
  for (const [path, { statements }] of files) {
    for (const { declarationList } of statements.filter(ts.isVariableStatement)) {
      for (const { name, initializer } of declarationList.declarations)
        constants.set(name.text, { path, initializer });
    }
  }
  const types = new Map();
  for (const { statements } of files.values()) {
    for (const { name, members } of statements.filter(ts.isInterfaceDeclaration)) {
      if (!name.text.endsWith('Options')) continue;
      const declaration = name.text[0].toLowerCase() + name.text.slice(1);
      const declared = propertiesOf(declaration, constants);
      types.set(name.text, {
        ...(declared.length > 0 && { declaration, path: constants.get(declaration).path }),
        members: [...declared, ...members],
      });
    }
  }
  return types;
}

/** The properties of an object that a constant holds, those that it spreads included. */
function propertiesOf(name, constants) {
  let value = constants.get(name)?.initializer;
  while (value && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))) value = value.expression;
  if (!value || !ts.isObjectLiteralExpression(value)) return [];
  return value.properties.flatMap((property) =>
    ts.isSpreadAssignment(property) ? propertiesOf(property.expression.getText(), constants) : [property],
  );
}

/** The values of all declarations, by type: they are plain data, so the bundle runs none of the package. */
async function declaredValues(root, types) {
  const lines = [...types]
    .filter(([, { declaration }]) => declaration)
    .map(([type, { path, declaration }]) => `export { ${declaration} as ${type} } from './${path}';`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: root, loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [{ name: 'doors', setup: leaveDoorsOut }],
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

function leaveDoorsOut({ onResolve }) {
  onResolve({ filter: /^[#@]/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
}

/** An option as the catalogue has it. */
function describe(member, declared) {
  const name = member.name.getText();
  const says = commentOf(member);
  if (ts.isPropertySignature(member)) {
    return { name, says, type: squeeze(member.type.getText()), required: member.questionToken === undefined };
  }
  // The default is data already.
  return { name, says: says.replace(/ ?Default [^ ]+\.$/, ''), ...declared[name] };
}

function parse(root, path) {
  return ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ESNext, true);
}

/** The comment over a node, links as plain words. */
function commentOf(node) {
  const comment = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1);
  return squeeze((ts.getTextOfJSDocComment(comment?.comment) ?? '').replace(/\{@link (\w+)\}/g, '$1()'));
}

const squeeze = (text) => text.replace(/\s+/g, ' ').trim();

/** Up to the first full stop that a capital or nothing follows: `et al. 2014` ends no sentence. */
function firstSentence(text) {
  return text.match(/^.*?\.(?= \p{Lu}|$)/u)?.[0] ?? text;
}

/** `Source: …`, or else what stands in parentheses with a year in the first sentence. */
function sourceOf(text) {
  const said = text.match(/Source: (.+?)\.(?= \p{Lu}|$)/u)?.[1];
  return said ?? firstSentence(text).match(/\(([^()]*\b(?:19|20)\d\d\b[^()]*)\)/)?.[1];
}
