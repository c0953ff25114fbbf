using System;
using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>Compares given inputs with what a model declares.</summary>
internal static class InputCheck
{
    internal static void Check(OnnxModel model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        Dictionary<string, (long Extent, string Input)> symbols = [];
        int known = 0;
        foreach (OnnxValue declared in model.Inputs)
        {
            if (!inputs.TryGetValue(declared.Name, out Tensor? value))
            {
                throw new ArgumentException($"input '{declared.Name}' ({declared.TypeText}) is missing", nameof(inputs));
            }

            Check(declared, value.Type, symbols);
            known++;
        }

        foreach (OnnxValue declared in model.OptionalInputs)
        {
            if (inputs.TryGetValue(declared.Name, out Tensor? value))
            {
                Check(declared, value.Type, symbols);
                known++;
            }
        }

        if (known == inputs.Count)
        {
            return;
        }

        foreach (string name in inputs.Keys)
        {
            bool isKnown = false;
            foreach (OnnxValue declared in (ImmutableArray<OnnxValue>)[.. model.Inputs, .. model.OptionalInputs])
            {
                isKnown |= declared.Name == name;
            }

            if (!isKnown)
            {
                throw new ArgumentException($"the model has no input '{name}'", nameof(inputs));
            }
        }
    }

    private static void Check(OnnxValue declared, TensorType given, Dictionary<string, (long Extent, string Input)> symbols)
    {
        if (given.DType != declared.DType || (declared.Dimensions is { } any && any.Length != given.Shape.Rank))
        {
            throw new ArgumentException($"input '{declared.Name}' is declared {declared.TypeText}, got {given}");
        }

        for (int axis = 0; declared.Dimensions is { } dimensions && axis < dimensions.Length; axis++)
        {
            long extent = given.Shape[axis];
            if (dimensions[axis].Extent is long fixedExtent && fixedExtent != extent)
            {
                throw new ArgumentException($"input '{declared.Name}' is declared {declared.TypeText}, got {given}");
            }

            if (dimensions[axis].Symbol is string symbol && !symbols.TryAdd(symbol, (extent, declared.Name))
                && symbols[symbol].Extent != extent)
            {
                throw new ArgumentException(
                    $"input '{declared.Name}' is declared {declared.TypeText}, got {given}: "
                    + $"'{symbol}' is {symbols[symbol].Extent} in input '{symbols[symbol].Input}'");
            }
        }
    }
}
