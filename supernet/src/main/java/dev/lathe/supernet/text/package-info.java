/**
 * Parallel text for translators: reading it, a byte-pair vocabulary learnt from it, sentences as token numbers, and BLEU.
 *
 * <p>A {@link dev.lathe.supernet.text.TranslationData} holds three {@link dev.lathe.supernet.text.SentencePairs} and the
 * {@link dev.lathe.supernet.text.BytePairVocabulary} of the training part. Plain Java: no tensor library. Start with {@link
 * dev.lathe.supernet.text.TranslationFiles}.
 */
@NullMarked
package dev.lathe.supernet.text;

import org.jspecify.annotations.NullMarked;
