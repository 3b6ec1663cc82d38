// Holds objects of Kubernetes against the published schemas of its API and of the Prometheus operator: types, required
// fields and ranges by the validators of kubernetes-models, unknown fields by its declarations, which the TypeScript
// compiler knows to be exact. Objects come as a JSON list of {where, object} on standard input; prints a line for each
// problem, and a last line that says how many objects it looked at.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const OPERATOR = "@kubernetes-models/prometheus-operator";
const folder = dirname(fileURLToPath(import.meta.url));
const items = JSON.parse(readFileSync(0, "utf8"));
const problems = [];

function moduleOf({ apiVersion, kind }) {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const path = [group.startsWith("monitoring.coreos.com") ? OPERATOR : "kubernetes-models", group, version, kind];
  return path.filter(Boolean).join("/");
}

async function checkValues({ where, object }) {
  const models = await import(moduleOf(object));
  try {
    new models[object.kind](object).validate();
  } catch (error) {
    problems.push(`${where}: ${error.message.replaceAll("\n", " ")}`);
  }
}

function checkFields(known) {
  const file = join(folder, "objects.ts");
  const lines = [];
  const places = [];
  const write = (text, where) => {
    for (const line of text.split("\n")) {
      lines.push(line);
      places.push(where);
    }
  };
  known.forEach(({ where, object }, i) => {
    const { kind } = object;
    write(`import type { I${kind} as Kind${i} } from "${moduleOf(object)}";`, where);
    write(`export const object${i}: Kind${i} = ${JSON.stringify(object, null, 1)};`, where);
  });
  const text = lines.join("\n");
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022,
                    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true) : getSourceFile(name, ...rest);
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  const program = ts.createProgram([file], options, host);
  for (const found of ts.getPreEmitDiagnostics(program)) {
    const line = found.file ? found.file.getLineAndCharacterOfPosition(found.start).line : 0;
    problems.push(`${places[line]}: ${ts.flattenDiagnosticMessageText(found.messageText, " ")} (${(lines[line] ?? "").trim()})`);
  }
}

for (const item of items) {
  try {
    await checkValues(item);
    item.known = true;
  } catch (error) {
    problems.push(`${item.where}: no schema of ${item.object.apiVersion} ${item.object.kind}: ${error.message}`);
  }
}
checkFields(items.filter((item) => item.known));
problems.forEach((problem) => console.log(problem));
console.log(`${items.length} objects`);
