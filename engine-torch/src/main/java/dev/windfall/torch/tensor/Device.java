package dev.windfall.torch.tensor;

/** Where a tensor's memory is and where its operations run. */
public enum Device {
  /** The host's processors and memory. */
  CPU
}
