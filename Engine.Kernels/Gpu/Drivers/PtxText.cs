using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

using VerifiableCompute.Engine.Backends;

namespace VerifiableCompute.Engine.Kernels.Gpu.Drivers;

/// <summary>What a driver needs to know of PTX: the header that a device takes, and the signatures of the entries.</summary>
/// <param name="text">The PTX as it is checked in.</param>
internal sealed partial class PtxText(string text)
{
    /// <summary>The least compute capability that runs the texts, times 10.</summary>
    internal const int LeastCapability = 70;

    /// <summary>The text for a device: the body is the same for all, the header names what every driver of such devices knows.</summary>
    /// <param name="capability">Compute capability times 10.</param>
    /// <exception cref="BackendException">The text's first line names a higher one.</exception>
    internal string For(int capability)
    {
        if (Least().Match(text) is { Success: true } match && capability < int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
        {
            throw new BackendException($"the text is for sm_{match.Groups[1].Value}, the device is sm_{capability}");
        }

        string header = capability switch
        {
            >= 80 => ".version 7.0\n.target sm_80",
            >= 75 => ".version 6.3\n.target sm_75",
            _ => ".version 6.0\n.target sm_70",
        };
        return $"{header}\n.address_size 64\n{Header().Replace(text, string.Empty)}";
    }

    /// <summary>Work-items of an entry's work-group, and the bytes of each of its parameters.</summary>
    /// <exception cref="BackendException">There is no such entry, or it does not say so.</exception>
    internal (int GroupSize, IReadOnlyList<int> Parameters) Entry(string name)
    {
        foreach (Match entry in Entries().Matches(text))
        {
            if (entry.Groups["name"].Value == name)
            {
                string[] parameters = entry.Groups["parameters"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                return (int.Parse(entry.Groups["size"].Value, CultureInfo.InvariantCulture), [.. parameters.Select(Bytes)]);
            }
        }

        throw new BackendException($"there is no entry {name} of a fixed work-group size");
    }

    private static int Bytes(string parameter) => Parameter().Match(parameter) is { Success: true } match
        ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) / 8
        : throw new BackendException($"a parameter that no argument fits: {parameter}");

    [GeneratedRegex(@"\A// sm_(\d+)\n")]
    private static partial Regex Least();

    [GeneratedRegex(@"^\.(version|target|address_size)[^\n]*\n", RegexOptions.Multiline)]
    private static partial Regex Header();

    [GeneratedRegex(@"\.entry\s+(?<name>[\w$]+)\s*\((?<parameters>[^)]*)\)\s*\.maxntid\s+(?<size>\d+)\s*,\s*1\s*,\s*1\s")]
    private static partial Regex Entries();

    [GeneratedRegex(@"^\.param\s+\.[usbf](32|64)\s[^\[]*$")]
    private static partial Regex Parameter();
}
