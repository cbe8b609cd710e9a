package dev.lathe.predict;

/**
 * How well predictions agree with what was measured.
 *
 * @param rows number of pairs compared
 * @param spearman Spearman's rank correlation, -1 to 1; ties share their mean rank; 0 where one side is constant
 * @param kendallTauB Kendall's tau-b, -1 to 1, corrected for ties; 0 where one side is constant
 * @param meanAbsoluteError in the unit of the metric
 * @param rootMeanSquareError in the unit of the metric
 * @param medianAbsolutePercentageError median of 100 |predicted - measured| / |measured|, over the pairs measured other
 *     than 0; 0 where there are none
 */
public record RankQuality(
        int rows,
        double spearman,
        double kendallTauB,
        double meanAbsoluteError,
        double rootMeanSquareError,
        double medianAbsolutePercentageError) {}
