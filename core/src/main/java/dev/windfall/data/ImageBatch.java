package dev.windfall.data;

/**
 * A batch of images ready for a network. Compared by identity of its arrays, never by content. The
 * arrays are as long as a full batch needs; the last batch of an epoch may fill only their
 * beginning. They belong to the {@link Batches} that made them and are overwritten after its next
 * call.
 *
 * @param pixels standardised pixels, image after image, each channel by channel, row by row (NCHW)
 * @param labels the class of each image
 * @param sampleIds the index of each image in the set that is read
 * @param count the number of images that the batch holds, from 1 to {@code labels.length}
 */
// Arrays, because a batch is handed over without a copy.
@SuppressWarnings("ArrayRecordComponent")
public record ImageBatch(float[] pixels, int[] labels, long[] sampleIds, int count) {}
