/** After `#`, so that no server, proxy or log along the way ever sees the secret. */
export const signInAddress = (address: string, secret: string): string => `${address}/sign-in#${secret}`
