package dev.lathe.space;

import java.io.Serializable;

/** What the networks of a space take and give. */
public sealed interface Task extends Serializable permits TaskShape, TranslationTask {}
