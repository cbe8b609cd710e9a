/**
 * What a run leaves behind: its folder, the Pareto front, cards of exported networks, the report page.
 *
 * <p>A {@link RunDirectory} belongs to one experiment, told by its {@link RunManifest}, and to one process at a time. {@link
 * FrontFile} and {@link ModelCard} are for programs to read, {@link ReportPage} is for people.
 */
@NullMarked
package dev.lathe.results;

import org.jspecify.annotations.NullMarked;
