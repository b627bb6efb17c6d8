package dev.windfall.vector;

import java.lang.foreign.MemorySegment;

/**
 * What a session computes with.
 *
 * @param memory activations, their gradients and work space
 * @param kernels the loops
 * @param crew the threads
 * @param stopwatch where the time goes
 * @param liveLanes offset of one float per sample: 1 for the live ones of this batch, else 0
 * @param scratch offset of the workers' work space
 * @param scratchBytes bytes of one worker's work space
 */
record Machine(
    MemorySegment memory,
    Kernels kernels,
    Crew crew,
    Stopwatch stopwatch,
    long liveLanes,
    long scratch,
    long scratchBytes) {

  /** Where a worker's work space begins in the memory. */
  long scratchOf(int worker) {
    return scratch + worker * scratchBytes;
  }

  /** A worker's work space as a memory of its own. */
  MemorySegment scratchSegment(int worker) {
    return memory.asSlice(scratchOf(worker), scratchBytes);
  }
}
