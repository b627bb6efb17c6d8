package dev.windfall.experiment.lottery;

import dev.windfall.experiment.RecipeSettings;
import dev.windfall.lottery.PruningLadder;
import dev.windfall.lottery.RewindPoint;
import dev.windfall.lottery.TicketStart;

/**
 * How tickets are drawn.
 *
 * @param iterative round by round, training again in each; else all from the dense network
 * @param ladder the sparsities of the rounds
 * @param together whether the weights of all layers are ranked together; else every layer loses the
 *     same share, the last one half of it
 * @param start with what each round is trained again
 * @param rewind the moment to which rewinding goes back
 * @param first laid over the recipe of the dense training alone
 */
public record Drawing(
    boolean iterative,
    PruningLadder ladder,
    boolean together,
    TicketStart start,
    RewindPoint rewind,
    RecipeSettings first) {}
