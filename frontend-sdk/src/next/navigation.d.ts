/** What is used of `next/navigation`. Next.js itself is a dependency of those who use it. */
declare module 'next/navigation.js' {
  export function useParams(): Readonly<Record<string, string | string[] | undefined>> | null;
}
