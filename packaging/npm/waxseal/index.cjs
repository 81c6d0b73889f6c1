"use strict";

// The same for require, which cannot load an ES module by itself everywhere.
exports.startWaxseal = async (options) => (await import("./index.mjs")).startWaxseal(options);
