/** Longest memory in code points, as the contract has it. */
export const longestMemory = 500;
