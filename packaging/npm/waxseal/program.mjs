import { createRequire } from "node:module";

/** The file of the program, which is in the package for this platform. */
export function program() {
  const platform = `${process.platform}-${process.arch}`;
  const file = process.platform === "win32" ? "waxseal.exe" : "waxseal";
  try {
    return createRequire(import.meta.url).resolve(`@waxseal/${platform}/bin/${file}`);
  } catch (cause) {
    throw new Error(
      `the package @waxseal/${platform}, which has the program, is not installed: ` +
        "either there is none for this platform, or optional dependencies were left out, as by npm install --omit=optional",
      { cause },
    );
  }
}
