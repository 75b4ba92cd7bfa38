import { dirname } from 'node:path';

/** @type {import('next').NextConfig} */
export default {
  // The folder of the lockfile: the examples share their packages.
  turbopack: { root: dirname(import.meta.dirname) },
};
