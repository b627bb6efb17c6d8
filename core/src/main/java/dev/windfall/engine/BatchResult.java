package dev.windfall.engine;

/**
 * What a batch gave.
 *
 * @param loss sum over the live samples of the objective, not scaled
 * @param correct samples whose largest logit is the label's (the first of equal ones counts)
 * @param count live samples
 */
public record BatchResult(double loss, int correct, int count) {}
