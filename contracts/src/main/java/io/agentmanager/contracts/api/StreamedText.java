package io.agentmanager.contracts.api;

/**
 * What a model has written so far of an iteration that is not finished; shown to whoever watches,
 * and not kept.
 *
 * @param index of the iteration that it will be
 * @param text the whole of it so far, at most 100,000 characters
 */
public record StreamedText(int index, String text) {}
