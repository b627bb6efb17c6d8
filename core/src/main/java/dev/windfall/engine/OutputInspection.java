package dev.windfall.engine;

import java.util.List;

/** A look at what the layers of a network compute: a capability of a {@link Session}. */
@FunctionalInterface
public interface OutputInspection {

  /**
   * Computes a batch forward, and changes nothing.
   *
   * @param batch the samples
   * @param mode {@link Mode#SCORE} or {@link Mode#EVALUATE}: with or without batch statistics
   * @param small magnitude up to which a number counts as nearly zero
   * @return the outputs in the order in which they are computed. Where an engine computes several
   *     layers as one, only the last of them is there; the output of every activation function is,
   *     under its own name
   * @throws IllegalArgumentException where the batch does not fit, or for {@link Mode#TRAIN}
   */
  List<LayerOutput> of(Batch batch, Mode mode, float small);
}
