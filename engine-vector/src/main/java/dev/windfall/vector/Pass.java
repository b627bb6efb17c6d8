package dev.windfall.vector;

import dev.windfall.engine.Growth;
import dev.windfall.engine.Mode;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * One batch on its way through the operations.
 *
 * @param machine memory, kernels and threads
 * @param samples live samples
 * @param mode which statistics, and whether dropout is on
 * @param step of the optimizer; decides dropout
 * @param sampleIds which sample each is; decides dropout
 * @param growth which candidates to collect
 */
record Pass(Machine machine, int samples, Mode mode, long step, long[] sampleIds, Growth growth) {

  MemorySegment memory() {
    return machine.memory();
  }

  Kernels kernels() {
    return machine.kernels();
  }

  /** Blocks of a geometry that hold live samples. */
  int blocks(Geometry geometry) {
    return geometry.blocks(samples);
  }

  /** A row of a block's pixels, with the lanes that are live in it. */
  Kernels.Row row(Geometry geometry, int block, int pixels) {
    long live = machine.liveLanes() + blockLanes(geometry, block);
    return new Kernels.Row(memory(), pixels, live, geometry.vector() ? Geometry.PIXEL_BYTES : 0);
  }

  /** Bytes from the first block's lanes to this block's in an array of one number per sample. */
  static long blockLanes(Geometry geometry, int block) {
    return (long) block * geometry.samplesPerBlock() * Float.BYTES;
  }

  /**
   * A piece of the batch: some rows and channels of one block. Pieces depend on the geometry only,
   * never on the number of threads.
   *
   * @param worker which thread works on it
   * @param group number of its rows' group in the order of blocks and rows
   * @param block which block
   * @param fromRow first row
   * @param toRow behind the last row
   * @param fromChannel first channel
   * @param toChannel behind the last channel
   */
  record Piece(
      int worker, int group, int block, int fromRow, int toRow, int fromChannel, int toChannel) {}

  /** Groups of rows in the batch. */
  int rowGroups(Geometry geometry) {
    return blocks(geometry) * geometry.rowGroups();
  }

  /** Works on everything, in pieces that threads share. */
  void forEachPiece(Geometry geometry, Consumer<Piece> work) {
    int channelGroups = geometry.channelGroups();
    machine
        .crew()
        .run(
            rowGroups(geometry) * channelGroups,
            (worker, item) -> {
              int group = item / channelGroups;
              int row = group % geometry.rowGroups() * geometry.rowsPerItem();
              int channel = item % channelGroups * geometry.channelsPerItem();
              work.accept(
                  new Piece(
                      worker,
                      group,
                      group / geometry.rowGroups(),
                      row,
                      Math.min(row + geometry.rowsPerItem(), geometry.height()),
                      channel,
                      Math.min(channel + geometry.channelsPerItem(), geometry.channels())));
            });
  }
}
