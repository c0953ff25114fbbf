using System;
using System.Collections.Generic;
using System.Linq;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>Compares given inputs with what a model declares.</summary>
internal static class InputCheck
{
    internal static void Check(OnnxModel model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        Dictionary<string, (long Extent, string Input)> symbols = [];
        HashSet<string> unknown = [.. inputs.Keys];
        foreach ((OnnxValue declared, bool isRequired) in model.Inputs.Select(input => (input, true))
            .Concat(model.OptionalInputs.Select(input => (input, false))))
        {
            if (inputs.TryGetValue(declared.Name, out Tensor? value))
            {
                Check(declared, value.Type, symbols);
                unknown.Remove(declared.Name);
            }
            else if (isRequired)
            {
                throw new ArgumentException($"input '{declared.Name}' ({declared.TypeText}) is missing", nameof(inputs));
            }
        }

        if (unknown.Count > 0)
        {
            throw new ArgumentException($"the model has no input '{string.Join("', '", unknown.Order(StringComparer.Ordinal))}'", nameof(inputs));
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
