// SPDX-License-Identifier: Apache-2.0
// The entry points of a program: checks in the order of the contract, then the steps.
#include "codegen/entry.h"
#include "support/check.h"

namespace thx::codegen {

namespace {

using llvm::Value;
using Kind = Parameter::Kind;
using Storage = loop::Storage;

int line_of(const Sources& sources, Span span) {
  return span.empty() ? 0 : static_cast<int>(sources.locate(span).line);
}

llvm::Type* scalar_type(llvm::LLVMContext& context, DType dtype) {
  if (dtype == DType::f32) return llvm::Type::getFloatTy(context);
  if (dtype == DType::f64) return llvm::Type::getDoubleTy(context);
  return llvm::Type::getIntNTy(context, static_cast<unsigned>(8 * bytes_of(dtype)));
}

llvm::Type* parameter_type(llvm::LLVMContext& context, const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::dim:
    case Kind::workspace_bytes: return llvm::Type::getInt64Ty(context);
    case Kind::scalar: return scalar_type(context, parameter.type.dtype);
    default: return llvm::PointerType::get(context, 0);
  }
}

std::vector<llvm::Type*> parameter_types(llvm::LLVMContext& context, const EntryPoint& entry) {
  std::vector<llvm::Type*> types;
  for (const Parameter& parameter : entry.parameters)
    types.push_back(parameter_type(context, parameter));
  return types;
}

// One exported function, from its first check to its return.
class CallEmitter {
 public:
  CallEmitter(EntryContext& context, const EntryPoint& point, const Sources& sources)
      : context_(context),
        point_(point),
        sources_(sources),
        tensor_(context.program.functions[static_cast<size_t>(point.function)]),
        loops_(context.loops.functions[static_cast<size_t>(point.function)]),
        entry_(context, point.symbol, llvm::Type::getInt32Ty(context.module.getContext()),
               parameter_types(context.module.getContext(), point)),
        ir_(entry_.ir()) {}

  void emit() {
    extend_narrow_scalars();
    entry_.set_exec(value_of(Kind::exec));
    check_model();
    bind_dims();
    check_requirements();
    check_sizes();
    check_ranges();
    place_buffers();
    StepScope scope{.entry = entry_,
                    .function = loops_,
                    .kernels = context_.kernels[static_cast<size_t>(point_.function)],
                    .buffers = buffers_,
                    .argument_of_input = [this](int input) { return argument_of_input(input); },
                    .sources = sources_,
                    .interface = context_.interface};
    emit_steps(scope, loops_.checks);
    emit_steps(scope, loops_.steps);
    emit_steps(scope, loops_.commits);
    ir_.CreateRet(entry_.status(0));
  }

 private:
  Value* value_of(Kind kind, int index = -1) {
    const int position = point_.position(kind, index);
    THX_CHECK(position > 0, "{} lacks a parameter", point_.symbol);
    return entry_.argument(position);
  }

  int argument_of_input(int input) const {
    const int array = point_.position(Kind::array, input);
    return array > 0 ? array : point_.position(Kind::scalar, input);
  }

  // Callers extend arguments narrower than int as the C ABI says.
  void extend_narrow_scalars() {
    llvm::Function* function = ir_.GetInsertBlock()->getParent();
    for (size_t i = 0; i < point_.parameters.size(); ++i) {
      const Parameter& parameter = point_.parameters[i];
      if (parameter.kind != Kind::scalar || is_float(parameter.type.dtype) ||
          bytes_of(parameter.type.dtype) >= 4)
        continue;
      function->addParamAttr(static_cast<unsigned>(i), is_signed(parameter.type.dtype)
                                                           ? llvm::Attribute::SExt
                                                           : llvm::Attribute::ZExt);
    }
  }

  void check_model() {
    if (point_.uses_model) {
      entry_.return_unless_ok(
          entry_.call("thx_model_check", ir_.getInt32Ty(),
                      {value_of(Kind::model),
                       entry_.number(static_cast<int64_t>(context_.interface.program_hash)),
                       entry_.status(0), entry_.exec(), entry_.status(point_.line)}));
      return;
    }
    entry_.fail_unless_ok(entry_.call("thx_check_exec", ir_.getInt32Ty(), {entry_.exec()}),
                          point_.position(Kind::exec), point_.line);
  }

  // Init and attach have checked the sizes.
  void bind_model() {
    Value* model = value_of(Kind::model);
    entry_.bind_state_dims(model);
    if (context_.interface.state_bytes.is_known()) return;
    entry_.extents().bind_place(context_.interface.state_bytes,
                                ir_.CreateLoad(ir_.getInt64Ty(), entry_.at(model, kModelBytes)));
  }

  void bind_dims() {
    if (point_.uses_model) bind_model();
    for (const Parameter& parameter : point_.parameters)
      if (parameter.kind == Kind::dim)
        entry_.bind_dim(parameter.index, value_of(Kind::dim, parameter.index),
                        point_.position(Kind::dim, parameter.index), point_.line);
  }

  void check_requirements() {
    for (const Requirement& requirement : tensor_.requirements) {
      const int line = line_of(sources_, requirement.span);
      Value* left = entry_.extents().checked(requirement.left);
      Value* right = entry_.extents().checked(requirement.right);
      entry_.fail_on_fault(line);
      Value* broken = requirement.kind == Requirement::Kind::equal ? ir_.CreateICmpNE(left, right)
                                                                   : ir_.CreateICmpSLT(left, right);
      entry_.fail_when(broken, kStatusDim, 0, line, left);
    }
  }

  // Every size that the call will use, so that nothing after it can overflow. What is within a
  // workspace is no more than all of it.
  void check_sizes() {
    entry_.check_sizes(loops_);
    for (const Input& input : tensor_.inputs) entry_.checked_bytes(input.value->type());
    for (const Output& output : tensor_.outputs) entry_.checked_bytes(output.value->type());
    entry_.fail_on_fault(point_.line);
  }

  bool is_updated(const Field& field) const {
    for (const StateUse& use : tensor_.states)
      if (use.name == field.name) return static_cast<bool>(use.next);
    return false;
  }

  // The model as few ranges: neighbours that are both written or both read are one.
  void add_model(RangeTable& ranges) {
    Value* model = value_of(Kind::model);
    Extent begin = 0;
    bool written = false;  // the header is read
    auto close = [&](const Extent& end) {
      if (begin == end) return;
      Value* from = entry_.place_in_model(model, begin);
      Value* to = entry_.place_in_model(model, end);
      ranges.add(entry_.at(model, from), ir_.CreateSub(to, from), 1,
                 written ? RangeTable::kWritten : 0, 1);
    };
    for (const Field& field : context_.interface.fields_by_offset()) {
      if (is_updated(field) == written) continue;
      close(field.offset);
      begin = field.offset;
      written = !written;
    }
    close(context_.interface.state_bytes);
  }

  void check_ranges() {
    RangeTable ranges(
        entry_, static_cast<int>(point_.parameters.size() + context_.interface.fields.size() + 1));
    for (size_t i = 0; i < point_.parameters.size(); ++i) {
      const Parameter& parameter = point_.parameters[i];
      const int position = static_cast<int>(i) + 1;
      Value* value = entry_.argument(position);
      switch (parameter.kind) {
        case Kind::model: add_model(ranges); break;
        case Kind::array:
          ranges.add(value, entry_.checked_bytes(parameter.type), bytes_of(parameter.type.dtype), 0,
                     position);
          break;
        case Kind::output:
          ranges.add(value, entry_.checked_bytes(parameter.type), bytes_of(parameter.type.dtype),
                     RangeTable::kWritten | RangeTable::kOptional, position);
          break;
        case Kind::workspace:
          ranges.add(value, entry_.extents().checked(point_.workspace_bytes), kAlign,
                     RangeTable::kWritten | RangeTable::kWorkspace, position,
                     value_of(Kind::workspace_bytes));
          break;
        default: break;
      }
    }
    ranges.check(point_.line);
  }

  Value* output_pointer(int index) {
    Value* given = value_of(Kind::output, index);
    const Extent& slot = loops_.output_slots[static_cast<size_t>(index)];
    Value* own = entry_.at(value_of(Kind::workspace), entry_.extents().place(slot));
    return ir_.CreateSelect(ir_.CreateICmpEQ(given, entry_.null()), own, given);
  }

  Value* input_pointer(int index) {
    if (point_.position(Kind::array, index) > 0) return value_of(Kind::array, index);
    Value* value = value_of(Kind::scalar, index);
    const Type& type = tensor_.inputs[static_cast<size_t>(index)].value->type();
    llvm::AllocaInst* slot = entry_.stack(value->getType(), 1, bytes_of(type.dtype));
    ir_.CreateStore(value, slot);
    return slot;
  }

  // A function's state uses, by their place in the model.
  Value* state_pointer(int index) {
    const std::string& name = tensor_.states[static_cast<size_t>(index)].name;
    for (const Field& field : context_.interface.fields)
      if (field.name == name)
        return entry_.at(value_of(Kind::model),
                         entry_.place_in_model(value_of(Kind::model), field.offset));
    THX_UNREACHABLE("the state {} has no place in the model", name);
  }

  void place_buffers() {
    for (const loop::FunctionBuffer& buffer : loops_.buffers) {
      const Storage& storage = buffer.storage;
      switch (storage.kind) {
        case Storage::Kind::input: buffers_.push_back(input_pointer(storage.index)); break;
        case Storage::Kind::output: buffers_.push_back(output_pointer(storage.index)); break;
        case Storage::Kind::state: buffers_.push_back(state_pointer(storage.index)); break;
        case Storage::Kind::workspace:
          buffers_.push_back(
              entry_.at(value_of(Kind::workspace), entry_.extents().place(storage.offset)));
          break;
      }
    }
  }

  EntryContext& context_;
  const EntryPoint& point_;
  const Sources& sources_;
  const Function& tensor_;
  const loop::Function& loops_;
  EntryBuilder entry_;
  llvm::IRBuilder<>& ir_;
  std::vector<Value*> buffers_;
};

void emit_workspace_bytes(EntryContext& context, const EntryPoint& point) {
  llvm::LLVMContext& llvm = context.module.getContext();
  std::vector<llvm::Type*> types(point.dims.size(), llvm::Type::getInt64Ty(llvm));
  types.push_back(llvm::PointerType::get(llvm, 0));
  EntryBuilder entry(context, point.symbol + "_ws_bytes", llvm::Type::getInt32Ty(llvm), types);
  for (size_t i = 0; i < point.dims.size(); ++i)
    entry.bind_dim(point.dims[i], entry.argument(static_cast<int>(i) + 1), 0, 0);
  Value* out = entry.argument(static_cast<int>(types.size()));
  entry.check_sizes(context.loops.functions[static_cast<size_t>(point.function)]);
  Value* bytes = entry.extents().checked(point.workspace_bytes);
  entry.fail_on_fault(0);
  entry.fail_when(entry.ir().CreateICmpEQ(out, entry.null()), kStatusNull, 0, 0);
  entry.ir().CreateStore(bytes, out);
  entry.ir().CreateRet(entry.status(0));
}

}  // namespace

void emit_calls(EntryContext& context, const Sources& sources) {
  for (const EntryPoint& point : context.interface.entries) {
    CallEmitter(context, point, sources).emit();
    emit_workspace_bytes(context, point);
  }
}

}  // namespace thx::codegen
