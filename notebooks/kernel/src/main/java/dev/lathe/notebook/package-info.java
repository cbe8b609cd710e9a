/**
 * Notebooks in Java. {@link dev.lathe.notebook.JavaShell} evaluates cells in this process, so that they see the program's class path;
 * {@link dev.lathe.notebook.Kernel} offers it to Jupyter, {@link dev.lathe.notebook.NotebookFile} reads notebooks that are run
 * without it.
 */
@NullMarked
package dev.lathe.notebook;

import org.jspecify.annotations.NullMarked;
