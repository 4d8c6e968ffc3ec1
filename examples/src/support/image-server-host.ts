/** Under this name the example's image server is reached; a device must be told that it may lie in a private network. */
export const imageServerHost = 'localhost'
